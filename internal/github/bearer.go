package github

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	gogithub "github.com/google/go-github/v62/github"

	"github.com/slipway-dev/slipway/release/step"
)

// Bearer is GitHub as somebody sees it who has a token, without an App: for commands that only read.
func Bearer(c Config, token string) (step.GitHub, error) {
	base, err := url.Parse(c.V3URL)
	if err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http" {
		return nil, fmt.Errorf("open GitHub: %q is not the URL of an API", c.V3URL)
	}
	if !strings.HasSuffix(base.Path, "/") {
		base.Path += "/"
	}
	c.Clock, c.Sleep, c.Patience = time.Now, timerSleep, 5*time.Second
	api := gogithub.NewClient(&http.Client{Transport: newChain(c, 0, base.Host, newCache(cacheEntries, cacheBytes),
		account{newPacer(c), newLimits(c)}, bearer(token))})
	api.BaseURL, api.UserAgent = base, "slipway"
	return newClient(c, api, nil), nil
}

// bearer puts a token on requests.
type bearer string

func (b bearer) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("Authorization", "token "+string(b))
	return http.DefaultTransport.RoundTrip(req)
}
