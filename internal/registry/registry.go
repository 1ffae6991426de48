// Package registry looks for container images and Helm charts in OCI registries, as anybody may: without credentials.
package registry

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/slipway-dev/slipway/release/step"
)

// patience is how long a registry may take.
const patience = 30 * time.Second

// Client looks into registries.
type Client struct{ Transport http.RoundTripper } // nil is the default one

var _ step.Images = Client{}

// Image is the digest of REGISTRY/NAME:TAG. Registries answer for a name that is not there as for one that is private, so
// both count as not there: an image that nobody can pull is not released.
func (c Client) Image(ctx context.Context, reference string) (string, bool, error) {
	ref, err := name.ParseReference(reference, name.StrictValidation)
	if err != nil {
		return "", false, fmt.Errorf("read the image reference %q: %w", reference, err)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	options := []remote.Option{remote.WithContext(ctx), remote.WithRetryStatusCodes()}
	if c.Transport != nil {
		options = append(options, remote.WithTransport(c.Transport))
	}
	found, err := remote.Head(ref, options...)
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
