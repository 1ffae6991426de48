package github

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/release/markdown"
)

// Failure is a failed call in words for people.
type Failure struct {
	// What could not be read or written, as an order: "read the checks of 3f2c1ab9 in acme/app".
	What string
	// Why is GitHub's answer in plain English, with its own words behind in brackets. It has no full stop.
	Why string
	// Permission is the one that the App lacks, "checks: read"; empty when that is not the reason, or not known.
	Permission string
	// Fix says what to do and who can; empty when waiting is all.
	Fix string
	// Final says that asking again will not help before somebody changes something.
	Final bool
	// Until is when GitHub may be asked again, where it said so; else zero.
	Until time.Time
}

// Who can fix what.
const (
	operatorLooks   = "the operator of Slipway checks the App's id, its private key, and the clock of the machine"
	ownerInstalls   = "an owner of the organization or account installs the App again"
	ownerUnsuspends = "an owner of the organization or account lifts the suspension in the settings of its installed " +
		"GitHub Apps"
	adminLooks = "an administrator of the repository looks at its rules and at who may pass them"
)

// Final says that an error of this package will not go away by asking again.
func Final(err error) bool {
	f, explained := Explain(err)
	return explained && f.Final
}

// Explain puts an error of this package into words. ok is false for every other error, and for a job that was stopped.
func Explain(err error) (f Failure, ok bool) {
	f.What = markdown.Text(attempted(err))
	if limited, is := errors.AsType[*Limited](err); is {
		f.Why = "GitHub wants no more requests before " + limited.Until.UTC().Format("15:04 MST") +
			", because there were too many"
		f.Until = limited.Until
		return f, true
	}
	if lagging, is := errors.AsType[*Lagging](err); is {
		f.Why, f.Until = "GitHub does not show "+lagging.What+" yet, which was made moments ago", lagging.Until
		return f, true
	}
	if _, is := errors.AsType[*Unknown](err); is {
		f.Why = "GitHub's answer cannot be read, so that nobody knows whether it took effect"
		f.Fix = "Slipway looks before it does anything else"
		return f, true
	}
	if gone, is := errors.AsType[*Gone](err); is {
		f.Why, f.Fix, f.Final = gone.Error(), ownerInstalls, true
		return f, true
	}
	if forbidden, is := errors.AsType[*Forbidden](err); is {
		return f.of(forbiddenReasons(), http.StatusForbidden, forbidden.Message, forbidden.MissingPermission()), true
	}
	if answer, is := errors.AsType[*Answer](err); is {
		_, token := errors.AsType[*TokenRefused](err)
		if token && answer.Status == http.StatusUnauthorized {
			f.Why, f.Fix, f.Final = words("GitHub does not accept the App's key", answer.Message), operatorLooks, true
			return f, true
		}
		return f.of(answerReasons(), answer.Status, answer.Message, ""), true
	}
	return f.ofConnection(err)
}

// attempted is what was tried. SHAs are cut to what people read.
func attempted(err error) string {
	what := ""
	if tried, ok := errors.AsType[*attempt](err); ok {
		what = tried.what
	} else if unknown, ok := errors.AsType[*Unknown](err); ok {
		what = unknown.What
	}
	return regexp.MustCompile(`\b[0-9a-f]{40}\b`).ReplaceAllStringFunc(what, func(sha string) string { return sha[:8] })
}

// words are ours, with GitHub's own behind.
func words(ours, theirs string) string {
	if theirs == "" {
		return ours
	}
	return ours + " (" + markdown.Quote(theirs) + ")"
}

// of takes the first reason that fits GitHub's answer.
func (f Failure) of(reasons []reason, status int, message, permission string) Failure {
	for _, r := range reasons {
		if !r.fits(status, message) {
			continue
		}
		f.Why, f.Fix, f.Final, f.Permission = words(r.why, message), r.fix, r.final, permission
		if permission != "" {
			f.Fix = "the owner of the App adds the permission " + permission +
				" in its settings, and an owner of the organization or account accepts it"
		}
		return f
	}
	f.Why, f.Final = words(fmt.Sprintf("GitHub refuses with %d", status), message), status < 500
	return f
}

// ofConnection explains an answer that never came, or came broken.
func (f Failure) ofConnection(err error) (Failure, bool) {
	network, timeout := errors.AsType[net.Error](err)
	timeout = (timeout && network.Timeout()) || errors.Is(err, context.DeadlineExceeded)
	_, broken := errors.AsType[*brokenAnswer](err)
	switch {
	case f.What == "" || errors.Is(err, context.Canceled):
		return Failure{}, false
	case errors.Is(err, errMoved):
		f.Why, f.Final = errMoved.Error(), true
		f.Fix = "somebody who may write to the repository tries again under its new name"
	case broken:
		f.Why = words("GitHub, or something between here and GitHub, sent an answer that cannot be read", cause(err))
	case timeout:
		f.Why = "GitHub did not answer in time"
	default:
		f.Why = words("GitHub cannot be reached", cause(err))
	}
	return f, true
}

// cause is the innermost error's text.
func cause(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err.Error()
		}
		err = inner
	}
}

// reason translates one kind of GitHub's answers.
type reason struct {
	status int    // 0 is every status, 5 all of 500 and above
	says   string // a part of GitHub's message in small letters, "" for every message; alternatives are parted by |
	why    string
	fix    string
	final  bool
}

func (r reason) fits(status int, message string) bool {
	if r.status != 0 && r.status != status && (r.status != 5 || status < 500) {
		return false
	}
	message = strings.ToLower(message)
	for part := range strings.SplitSeq(r.says, "|") {
		if strings.Contains(message, part) {
			return true
		}
	}
	return false
}

// rules are the answers of a branch or tag that is protected, under several statuses.
func rules() reason {
	return reason{
		says: "repository rule|protected branch|protected ref|protected tag|not authorized to push|through a pull " +
			"request",
		why: "a rule of the repository is against it", fix: adminLooks, final: true,
	}
}

func forbiddenReasons() []reason {
	return []reason{
		{says: "suspended", why: "the App is suspended there", fix: ownerUnsuspends, final: true},
		{says: "saml", why: "the organization wants a single sign-on (SAML) that the App has not got", final: true,
			fix: "an owner of the organization authorizes the App for its single sign-on"},
		{says: "ip allow list", why: "the organization lets only certain addresses in, and Slipway's is not among them",
			final: true,
			fix:   "an owner of the organization adds the address of Slipway to the IP allow list"},
		{says: "upgrade to", why: "the plan of the repository's owner does not have this for private repositories",
			final: true,
			fix:   "the owner of the repository changes the plan, or makes the repository public"},
		rules(),
		{says: "archived", why: "the repository is archived, and nothing can be written there", final: true,
			fix: "an administrator of the repository takes it out of the archive"},
		{says: "issue is locked|conversation is locked", why: "the issue is locked", final: true,
			fix: "somebody who may write to the repository unlocks the issue"},
		{says: "access blocked|has been disabled", why: "GitHub has blocked the repository", final: true,
			fix: "the owner of the repository asks GitHub's support"},
		{says: "not accessible by integration", why: "the App lacks a permission for it", final: true,
			fix: "the owner of the App compares its permissions with those that Slipway asks for"},
		{why: "GitHub does not let the App do it",
			fix: "an administrator of the repository looks at what the App may do there", final: true},
	}
}

func answerReasons() []reason {
	return []reason{
		{status: 401, why: "GitHub does not accept the access token", fix: operatorLooks},
		rules(),
		{status: 404, why: "it does not exist, or the App may not see it", final: true,
			fix: "ask somebody with access to check that it exists, and that the App is installed for that repository"},
		{status: 405, why: "GitHub does not do it in the state that it is in now", final: true},
		{status: 409, says: "is empty", why: "the repository has no commit yet", fix: "somebody pushes a first commit",
			final: true},
		{status: 409, why: "something else changed at the same time"},
		{status: 410, says: "disabled", why: "it is switched off in the repository",
			fix: "an administrator of the repository switches it on", final: true},
		{status: 410, why: "it was deleted", final: true},
		{status: 422, says: "already_exists|already exists|must be unique|already been taken",
			why: "it is there already", final: true},
		{status: 422, why: "GitHub does not accept what was sent", final: true},
		{status: 451, why: "GitHub has blocked it for legal reasons",
			fix: "the owner of the repository asks GitHub's support", final: true},
		{status: 5, why: "GitHub has a problem of its own"},
	}
}
