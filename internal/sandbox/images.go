package sandbox

import (
	"context"
	"io"
	stdlog "log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// images is the one registry of the sandbox, which stands for all: quay.io/org/name lies in it as quay.io/org/name.
func images() http.Handler {
	return registry.New(registry.Logger(stdlog.New(io.Discard, "", 0)))
}

// Registries is the way to every registry in the world, which all lead to the sandbox at that address. Requests go
// through next, which is the default transport when it is nil.
func Registries(address string, next http.RoundTripper) http.RoundTripper {
	if next == nil {
		next = http.DefaultTransport
	}
	return registries{address, next}
}

type registries struct {
	address string
	next    http.RoundTripper
}

func (r registries) RoundTrip(req *http.Request) (*http.Response, error) {
	here, err := url.Parse(r.address)
	if err != nil {
		return nil, err
	}
	out := req.Clone(req.Context())
	if rest, ok := strings.CutPrefix(out.URL.Path, "/v2/"); ok && rest != "" {
		out.URL.Path = "/v2/" + req.URL.Host + "/" + rest
		out.URL.RawPath = ""
	}
	out.URL.Scheme, out.URL.Host, out.Host = here.Scheme, here.Host, here.Host
	return r.next.RoundTrip(out)
}

// PushImage puts an image of random content into a registry: what a workflow does that the sandbox does not run.
func (s *Server) PushImage(ctx context.Context, reference string) error {
	ref, err := name.ParseReference(reference, name.StrictValidation)
	if err != nil {
		return err
	}
	image, err := random.Image(64, 1)
	if err != nil {
		return err
	}
	here, err := url.Parse(s.o.URL)
	if err != nil {
		return err
	}
	at, err := name.NewTag(here.Host+"/"+ref.Context().Name()+":"+ref.Identifier(), name.Insecure)
	if err != nil {
		return err
	}
	return remote.Write(at, image, remote.WithContext(ctx), remote.WithTransport(inProcess{s.registry}))
}

// inProcess calls a handler without a network.
type inProcess struct{ handler http.Handler }

func (p inProcess) RoundTrip(req *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	in := req.Clone(req.Context())
	in.RequestURI = req.URL.RequestURI()
	if in.Body == nil {
		in.Body = http.NoBody
	}
	p.handler.ServeHTTP(w, in)
	out := w.Result()
	out.Request = req
	return out, nil
}
