// Package registry looks for container images and Helm charts in OCI registries, as anybody may: without credentials.
package registry

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/slipway-dev/slipway/release/step"
)

// patience is how long a registry may take.
const patience = 30 * time.Second

// Client looks into registries. Its zero value is for production.
type Client struct{ Transport http.RoundTripper } // nil is one that keeps away from this machine

// outward makes connections to other machines alone. The names of images stand in files of repositories: they should
// lead to no service of the machine that Slipway runs on, nor to the metadata of its cloud. Behind a proxy that is the
// proxy's business.
var outward = sync.OnceValue(func() http.RoundTripper {
	t := http.DefaultTransport.(*http.Transport).Clone() //nolint:forcetypeassert // net/http documents its type
	if os.Getenv("HTTPS_PROXY")+os.Getenv("https_proxy") == "" {
		t.DialContext = (&net.Dialer{Timeout: patience, Control: func(_, address string, _ syscall.RawConn) error {
			at, err := netip.ParseAddrPort(address)
			if err != nil {
				return err
			}
			if ip := at.Addr().Unmap(); ip.IsLoopback() || ip.IsLinkLocalUnicast() || ip.IsUnspecified() ||
				ip.IsMulticast() {
				return fmt.Errorf("%s is no registry", address)
			}
			return nil
		}}).DialContext
	}
	return t
})

var _ step.Images = Client{}

// Image is the digest of REGISTRY/NAME:TAG. Registries answer for a name that is not there as for one that is private,
// so both count as not there: an image that nobody can pull is not released.
func (c Client) Image(ctx context.Context, reference string) (string, bool, error) {
	ref, err := name.ParseReference(reference, name.StrictValidation)
	if err != nil {
		return "", false, fmt.Errorf("read the image reference %q: %w", reference, err)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	way := c.Transport
	if way == nil {
		way = outward()
	}
	found, err := remote.Head(ref, remote.WithContext(ctx), remote.WithRetryStatusCodes(), remote.WithTransport(way))
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
