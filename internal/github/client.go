package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	gogithub "github.com/google/go-github/v62/github"

	"github.com/slipway-dev/slipway/release/step"
)

// client is one installation's way to GitHub. Safe for many goroutines.
type client struct {
	appID  int64
	api    *gogithub.Client // makes the requests
	http   *http.Client
	broken error // why there is no client; every call answers it
	sleep  func(context.Context, time.Duration) error
	clock  func() time.Time

	mu     sync.Mutex
	peeled map[string]string // commit of a tag object, by repository and SHA: it never changes
}

var _ step.GitHub = (*client)(nil)

func newClient(c Config, api *gogithub.Client, err error) *client {
	gh := &client{appID: c.AppID, api: api, broken: err, sleep: c.Sleep, clock: c.Clock, peeled: map[string]string{}}
	if api != nil {
		gh.http = api.Client()
	}
	return gh
}

func (gh *client) get(ctx context.Context, what, path string, out any) error {
	return gh.call(ctx, what, http.MethodGet, path, nil, out)
}

// call makes one request and reads the answer into out. what names the thing attempted, for the error.
func (gh *client) call(ctx context.Context, what, method, path string, in, out any) error {
	_, body, err := gh.send(ctx, what, method, path, "", in)
	if err != nil || out == nil {
		return err
	}
	if len(body) > 0 {
		err = json.Unmarshal(body, out)
	}
	if made, due := out.(identified); due && method != http.MethodGet && (err != nil || !made.identified()) {
		return &Unknown{What: what, cause: err}
	}
	if err != nil {
		return fmt.Errorf("%s: read the answer: %w", what, err)
	}
	return nil
}

// send makes one request with go-github's idea of URL, headers and body. It does not use go-github's own Do, which
// looks at the rate limits with a clock of its own.
func (gh *client) send(ctx context.Context, what, method, path, accept string, in any) (*http.Response, []byte, error) {
	if gh.broken != nil {
		return nil, nil, &attempt{what, gh.broken}
	}
	if climbs(path) {
		return nil, nil, fmt.Errorf("%s: a name with . or .. between slashes is none", what)
	}
	req, err := gh.api.NewRequest(method, path, in)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", what, err)
	}
	if accept != "" {
		req.Header.Set("Accept", accept)
	}
	resp, err := gh.http.Do(req.WithContext(ctx))
	if broken, ok := errors.AsType[*brokenAnswer](err); ok && method != http.MethodGet {
		return nil, nil, &Unknown{What: what, cause: broken}
	}
	if err != nil {
		return nil, nil, &attempt{what, plain(err)}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: read the answer: %w", what, err)
	}
	if resp.StatusCode/100 != 2 {
		return resp, body, &attempt{what, refusal(resp, body)}
	}
	if resp.Request != nil && resp.Request.Method != method {
		// net/http follows a 301 of a write with a GET: that would look like success and have done nothing.
		return nil, nil, &attempt{what, errMoved}
	}
	return resp, body, nil
}

// climbs says that a path has a segment that would lead out of it, whoever named it: a branch slipway/../main, say.
func climbs(path string) bool {
	path, _, _ = strings.Cut(path, "?")
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "." || segment == ".." {
			return true
		}
	}
	return false
}

// plain drops the url.Error around what the transport said: the sentence names the call already.
func plain(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

// pages reads a list page by page, along GitHub's Link headers.
func pages[T any](ctx context.Context, gh *client, what, path string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for path != "" {
			var page T
			resp, body, err := gh.send(ctx, what, http.MethodGet, path, "", nil)
			if err == nil {
				if err = json.Unmarshal(body, &page); err != nil {
					err = fmt.Errorf("%s: read the answer: %w", what, err)
				}
			}
			if !yield(page, err) || err != nil {
				return
			}
			path = nextPage(resp.Header.Get("Link"))
		}
	}
}

// list reads all pages of a list.
func list[T any](ctx context.Context, gh *client, what, path string) ([]T, error) {
	var all []T
	for page, err := range pages[[]T](ctx, gh, what, path) {
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
	}
	return all, nil
}

// nextPage is the URL of rel="next", empty on the last page.
func nextPage(link string) string {
	for part := range strings.SplitSeq(link, ",") {
		target, params, ok := strings.Cut(part, ";")
		if ok && strings.Contains(params, `rel="next"`) {
			return strings.Trim(strings.TrimSpace(target), "<>")
		}
	}
	return ""
}

// in is the path below a repository. OWNER/NAME is escaped, so that a strange name cannot reach another path.
func in(repo, format string, args ...any) string {
	path := "repos/" + escapePath(repo)
	if format != "" {
		path += "/" + fmt.Sprintf(format, args...)
	}
	return path
}

// bodyLimit is what GitHub takes for the text of an issue, pull request, comment or check.
const bodyLimit = 65536

// releaseLimit is what GitHub takes for the text of a release.
const releaseLimit = 125000

// cut shortens a text to limit characters, and says so where it does. A hidden mark at its end stays: by it the text
// is found again, and without it the next look would write a second one.
func cut(text string, limit int) string {
	const note = "\n\n_The rest was cut: GitHub takes no longer text._"
	if len(text) <= limit || utf8.RuneCountInString(text) <= limit {
		return text
	}
	mark := ""
	if i := strings.LastIndex(text, "\n<!--"); i >= 0 && len(text)-i < 1000 &&
		strings.HasSuffix(strings.TrimSpace(text[i:]), "-->") {
		mark = "\n" + text[i:]
	}
	kept := limit - len(note) - utf8.RuneCountInString(mark)
	return string([]rune(text)[:kept]) + note + mark
}
