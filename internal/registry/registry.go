// Package registry looks for container images and Helm charts in OCI registries, as anybody may: without credentials.
package registry

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/slipway-dev/slipway/release/step"
)

// patience is how long a registry may take.
const patience = 30 * time.Second

// Public are the registries that the built-in processes need.
func Public() []string {
	return []string{"docker.io", "ghcr.io", "quay.io", "registry.aetherproject.org", "registry.k8s.io"}
}

// Client looks into registries.
type Client struct {
	Transport http.RoundTripper
	// Registries are those that may be asked: HOST, or HOST:PORT. The names of images stand in files of repositories, so
	// without this list anybody could let Slipway ask any host.
	Registries []string
}

// asks says that a registry may be asked.
func (c Client) asks(host string) bool {
	return slices.ContainsFunc(c.Registries, func(one string) bool {
		return strings.EqualFold(one, host) || strings.EqualFold(one, "docker.io") && host == name.DefaultRegistry
	})
}

var _ step.Images = Client{}

// Image is the digest of REGISTRY/NAME:TAG. Registries answer for a name that is not there as for one that is private,
// so both count as not there: an image that nobody can pull is not released.
func (c Client) Image(ctx context.Context, reference string) (string, bool, error) {
	ref, err := name.ParseReference(reference, name.StrictValidation)
	if err != nil {
		return "", false, fmt.Errorf("read the image reference %q: %w", reference, err)
	}
	if host := ref.Context().RegistryStr(); !c.asks(host) {
		return "", false, &step.NotAsked{
			Why:  "the registry " + host + " is not one that this server asks",
			Line: "registries: [" + strings.Join(append(slices.Clone(c.Registries), host), ", ") + "]",
		}
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	found, err := remote.Head(ref, remote.WithContext(ctx), remote.WithRetryStatusCodes(),
		remote.WithTransport(c.Transport))
	var answer *transport.Error
	if errors.As(err, &answer) {
		switch answer.StatusCode {
		case http.StatusNotFound, http.StatusUnauthorized, http.StatusForbidden:
			return "", false, nil
		}
	}
	if err != nil {
		return "", false, fmt.Errorf("look for %s: %w", reference, err)
	}
	return found.Digest.String(), true, nil
}
