package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/go-github/v62/github"

	"github.com/slipway-dev/slipway/release/step"
)

// Limited says that GitHub wants fewer calls; nothing was done.
type Limited struct{ Until time.Time }

func (l *Limited) Error() string {
	return "GitHub limits the rate until " + l.Until.UTC().Format(time.RFC3339)
}

// Forbidden says that the App may not do that.
type Forbidden struct {
	what, message, permission string
}

func (f *Forbidden) Error() string { return f.what + ": 403 " + f.message }

// MissingPermission is what would have to be granted, as GitHub names it; empty when it did not say.
func (f *Forbidden) MissingPermission() string { return f.permission }

// fail wraps an error with what was attempted, and keeps apart what can be told apart. No header and no URL with a
// token in it gets into the text.
func fail(what string, err error) error {
	if err == nil {
		return nil
	}
	var limited *Limited
	if errors.As(err, &limited) {
		return fmt.Errorf("%s: %w", what, limited)
	}
	var answer *github.ErrorResponse
	if errors.As(err, &answer) && answer.Response != nil {
		code := answer.Response.StatusCode
		text := answer.Message
		for _, e := range answer.Errors {
			if e.Message != "" {
				text += ": " + e.Message
			}
		}
		switch code {
		case http.StatusForbidden:
			return &Forbidden{what: what, message: text, permission: answer.Response.Header.Get("X-Accepted-GitHub-Permissions")}
		case http.StatusNotFound, http.StatusGone:
			return fmt.Errorf("%s: %d %s: %w", what, code, text, step.ErrGone)
		}
		return fmt.Errorf("%s: %d %s", what, code, text)
	}
	return fmt.Errorf("%s: %w", what, err)
}

func missing(resp *github.Response, err error) bool {
	return err != nil && resp != nil && resp.StatusCode == http.StatusNotFound
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
