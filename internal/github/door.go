package github

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/go-github/v62/github"

	"github.com/slipway-dev/slipway/release/step"
)

// door is GitHub as one installation may use it.
type door struct {
	gh     *github.Client
	broken error // why there is no client
}

var _ step.GitHub = (*door)(nil)

func split(repo string) (owner, name string) {
	owner, name, _ = strings.Cut(repo, "/")
	return owner, name
}

// segments escapes each part of a path.
func segments(path string) string {
	parts := strings.Split(path, "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	return strings.Join(parts, "/")
}

// call makes a request that go-github has no method for, or whose answer it knows only in part.
func (d *door) call(ctx context.Context, method, path string, in, out any) (*github.Response, error) {
	if d.broken != nil {
		return nil, d.broken
	}
	req, err := d.gh.NewRequest(method, path, in)
	if err != nil {
		return nil, err
	}
	return d.gh.Do(ctx, req, out)
}

// all reads every page of a list.
func all[T any](ctx context.Context, d *door, path string) ([]T, error) {
	var out []T
	joint := "?"
	if strings.Contains(path, "?") {
		joint = "&"
	}
	for page := 1; page > 0; {
		var part []T
		resp, err := d.call(ctx, http.MethodGet, fmt.Sprintf("%s%sper_page=100&page=%d", path, joint, page), nil, &part)
		if err != nil {
			return nil, err
		}
		out = append(out, part...)
		page = resp.NextPage
	}
	return out, nil
}

// maxText is the longest text that GitHub takes; longer ones are cut with a note instead of refused.
const maxText = 65536

func fit(text string) string {
	r := []rune(text)
	if len(r) <= maxText {
		return text
	}
	const note = "\n\n… cut: the text is longer than GitHub takes."
	return string(r[:maxText-len([]rune(note))]) + note
}
