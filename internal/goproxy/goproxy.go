// Package goproxy asks a Go module proxy about versions, by the GOPROXY protocol (go.dev/ref/mod, Module proxies).
package goproxy

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"golang.org/x/mod/module"

	"github.com/slipway-dev/slipway/release/step"
)

// limit is the longest answer that is read: the go command takes no larger go.mod (golang.org/x/mod/zip, MaxGoMod).
const limit = 16 << 20

// patience is how long a proxy may take: it fetches the repository when it is asked for the first time.
const patience = time.Minute

// Client asks one proxy.
type Client struct {
	URL  string
	HTTP *http.Client
}

var _ step.ModuleProxy = Client{}

// Module asks for a version and for its go.mod. A proxy that answers 404 or 410 does not know it.
func (c Client) Module(ctx context.Context, path, version string) (step.ModuleVersion, bool, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var v step.ModuleVersion
	escapedPath, err := module.EscapePath(path)
	if err != nil {
		return v, false, err
	}
	escaped, err := module.EscapeVersion(version)
	if err != nil {
		return v, false, err
	}
	at := strings.TrimSuffix(c.URL, "/") + "/" + escapedPath + "/@v/" + escaped
	text, found, err := c.get(ctx, at+".info")
	if err != nil || !found {
		return v, false, err
	}
	var info struct {
		Version string
		Origin  struct{ Hash string }
	}
	if err := json.Unmarshal(text, &info); err != nil {
		return v, false, fmt.Errorf("read the answer of %s.info: %w", at, err)
	}
	v.Version, v.Commit = info.Version, info.Origin.Hash
	v.GoMod, found, err = c.get(ctx, at+".mod")
	return v, found && err == nil, err
}

func (c Client) get(ctx context.Context, url string) (body []byte, found bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, false, err
	}
	resp, err := c.HTTP.Do(req)
	if err != nil {
		return nil, false, fmt.Errorf("ask the module proxy: %w", err)
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound, http.StatusGone:
		return nil, false, nil
	default:
		return nil, false, fmt.Errorf("ask the module proxy for %s: it answers %s", url, resp.Status)
	}
	body, err = io.ReadAll(io.LimitReader(resp.Body, limit))
	if err != nil {
		return nil, false, fmt.Errorf("read the answer of %s: %w", url, err)
	}
	return body, true, nil
}
