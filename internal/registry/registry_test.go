package registry

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// An image is named in a chart: whoever may write one should not reach what only this machine can.
func TestNoImageLeadsToThisMachine(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "")
	t.Setenv("https_proxy", "")
	asked := false
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer server.Close()
	for _, host := range []string{strings.TrimPrefix(server.URL, "http://"), "169.254.169.254", "localhost:1"} {
		_, found, err := (Client{}).Image(t.Context(), host+"/acme/app:1.0.0")
		if found || err == nil || !strings.Contains(err.Error(), "is no registry") {
			t.Errorf("%s: %t %v", host, found, err)
		}
	}
	if asked {
		t.Error("a service of this machine was asked")
	}
}
