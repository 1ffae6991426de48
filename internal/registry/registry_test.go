package registry_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/slipway-dev/slipway/internal/outbound"
	"github.com/slipway-dev/slipway/internal/registry"
	"github.com/slipway-dev/slipway/release/step"
)

func none(string) (string, bool) { return "", false }

// An image is named in a chart: whoever may write one should not reach what only this machine can.
func TestNoImageLeadsToThisMachine(t *testing.T) {
	asked := false
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer server.Close()
	here := strings.TrimPrefix(server.URL, "http://")
	for _, c := range []struct{ host, line string }{
		{here, "internal-hosts: [127.0.0.1]"}, // it is named as a registry, and not as internal
		{"169.254.169.254", "registries: [ghcr.io, " + here + ", 169.254.169.254]"},
		{"localhost:1", "registries: [ghcr.io, " + here + ", localhost:1]"},
		{"registry.example", "registries: [ghcr.io, " + here + ", registry.example]"},
	} {
		client := registry.Client{
			Transport: outbound.Dialer{}.Transport(none), Registries: []string{"ghcr.io", here},
		}
		_, found, err := client.Image(t.Context(), c.host+"/acme/app:1.0.0")
		refused, is := errors.AsType[*step.NotAsked](err)
		if found || !is || refused.Line != c.line {
			t.Errorf("%s: %t %v", c.host, found, err)
		}
	}
	if asked {
		t.Error("a service of this machine was asked")
	}
}

func TestARegistryThatTheOperatorNamedIsAsked(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	here := strings.TrimPrefix(server.URL, "http://")
	client := registry.Client{
		Transport: outbound.Dialer{Internal: []string{"127.0.0.1"}}.Transport(none), Registries: []string{here},
	}
	if _, found, err := client.Image(t.Context(), here+"/acme/app:1.0.0"); found || err != nil {
		t.Errorf("%t %v", found, err)
	}
}
