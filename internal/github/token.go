package github

import (
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/bradleyfalzon/ghinstallation/v2"
)

// Gone says that an installation does not exist (any more): the App was uninstalled, or the event was of none.
type Gone struct{ Installation int64 }

func (e *Gone) Error() string {
	if e.Installation == 0 {
		return "there is no installation of the App to ask with"
	}
	return fmt.Sprintf("the installation %d of the App does not exist any more", e.Installation)
}

// TokenRefused says that GitHub gave no access token for an installation; Err is its Answer or Forbidden.
type TokenRefused struct {
	Installation int64
	Err          error
}

func (e *TokenRefused) Error() string {
	return fmt.Sprintf("GitHub gives no access token for the installation %d: %v", e.Installation, e.Err)
}

// Unwrap is GitHub's answer.
func (e *TokenRefused) Unwrap() error { return e.Err }

// tokenRefusal is GitHub's answer when it gave no access token, nil when it gave no answer either.
func tokenRefusal(err error) *http.Response {
	if e, ok := errors.AsType[*ghinstallation.HTTPError](err); ok {
		return e.Response
	}
	return nil
}

// tokenError says in our words why there is no access token. Every other error stays as it is.
func tokenError(err error) error {
	e, ok := errors.AsType[*ghinstallation.HTTPError](err)
	if !ok || e.Response == nil {
		return err
	}
	if e.Response.StatusCode == http.StatusNotFound || e.Response.StatusCode == http.StatusGone {
		return &Gone{Installation: e.InstallationID}
	}
	body, _ := io.ReadAll(e.Response.Body) // read before, from memory
	return &TokenRefused{Installation: e.InstallationID, Err: refusal(e.Response, body)}
}
