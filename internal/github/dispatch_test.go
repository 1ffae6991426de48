package github_test

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/internal/github"
)

// late lists a run that was dispatched only after some looks, as GitHub does, and may lose the answer to the dispatch.
type late struct {
	looks int  // that show nothing after the dispatch
	lose  bool // the answer
	sent  int
	begun bool
}

func (l *late) RoundTrip(r *http.Request) (*http.Response, error) {
	switch {
	case r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/dispatches"):
		l.begun, l.sent = true, l.sent+1
		resp, err := http.DefaultTransport.RoundTrip(r)
		if l.lose && err == nil {
			_ = resp.Body.Close()
			return nil, errors.New("connection reset")
		}
		return resp, err
	case l.begun && l.looks > 0 && strings.HasSuffix(r.URL.Path, "/runs"):
		l.looks--
		return &http.Response{
			StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{
				"Content-Type": {"application/json"}},
			Body: io.NopCloser(strings.NewReader(`{"total_count":0,"workflow_runs":[]}`)), Request: r,
		}, nil
	}
	return http.DefaultTransport.RoundTrip(r)
}

// A second run of a release workflow would build and draft the version once more.
func TestADispatchedRunIsKnownWhileListsDoNotShowIt(t *testing.T) {
	for name, l := range map[string]*late{"listed at once": {}, "listed late": {looks: 3},
		"answer lost": {lose: true}} {
		t.Run(name, func(t *testing.T) {
			w, ctx := newWorld(t), t.Context()
			_, err := w.box.As("ann").Commit(ctx, repo, "main", "main", "Build",
				map[string]string{".github/workflows/build.yaml": "name: Build\non: workflow_dispatch\njobs:\n  " +
					"build: {}\n"})
			must0(t, err)
			key, err := appKey()
			must0(t, err)
			app, err := github.New(github.Config{
				AppID: 4711, V3URL: w.url, Log: zerolog.Nop(), Transport: l,
				PrivateKey: pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY",
					Bytes: x509.MarshalPKCS1PrivateKey(key)}),
			})
			must0(t, err)
			id := must1(app.FindInstallation(ctx, repo))(t)
			written := github.NewWritten(nil, nil)
			ctx = github.Recalling(ctx, written)
			err = app.Installation(id).Dispatch(ctx, repo, "build.yaml", "main", nil)
			made := written.Made()
			switch {
			case l.lose && (err == nil || len(made) != 0):
				t.Errorf("a lost answer is %v, and %+v is known", err, made)
			case !l.lose && (err != nil || len(made) != 1 || made[0].Kind != "run" || made[0].ID == 0 ||
				made[0].Name != "build.yaml"):
				t.Errorf("the run is not known: %v, %+v", err, made)
			}
			if runs := must1(app.Installation(id).Runs(ctx, repo, "build.yaml",
				w.head(t, "main")))(t); len(runs) != 1 || l.sent != 1 {
				t.Errorf("%d runs of %d dispatches", len(runs), l.sent)
			}
		})
	}
}
