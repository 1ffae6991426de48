package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"testing"

	gh "github.com/google/go-github/v62/github"

	"github.com/slipway-dev/slipway/internal/store"
)

func sign(body string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

func TestARequestThatIsNoDeliveryIsRefused(t *testing.T) {
	without := func(header string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Del(header) }
	}
	with := func(header, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(header, value) }
	}
	good := comment(1, "/release cut")
	for name, one := range map[string]struct {
		body   string
		change func(*http.Request)
		want   int
	}{
		"no GUID":          {good, without(guidHeader), http.StatusBadRequest},
		"no event":         {good, without(eventHeader), http.StatusBadRequest},
		"no signature":     {good, without(gh.SHA256SignatureHeader), http.StatusBadRequest},
		"a wrong one":      {good, with(gh.SHA256SignatureHeader, sign("x")), http.StatusBadRequest},
		"junk":             {`junk`, nil, http.StatusBadRequest},
		"a list":           {`[{}]`, nil, http.StatusBadRequest},
		"half an event":    {`{"action":`, nil, http.StatusBadRequest},
		"another type":     {`{"repository":"acme/app"}`, nil, http.StatusBadRequest},
		"more than 25 MiB": {strings.Repeat(" ", MaxBody+1), nil, http.StatusRequestEntityTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			change := one.change
			if change == nil {
				change = func(*http.Request) {}
			}
			if got := s.post("g1", "issue_comment", one.body, change); got != one.want {
				t.Errorf("it was answered %d, not %d", got, one.want)
			}
			if seen, err := s.db.Seen(t.Context(), []string{"g1", ""}); err != nil || len(seen) > 0 {
				t.Errorf("it is stored: %v %v", seen, err)
			}
		})
	}
}

func TestADeliveryThatComesTwiceIsWorkedOnce(t *testing.T) {
	s := newStage(t)
	for range 2 {
		if got := s.post("g1", "issue_comment", comment(1, "/release cut")); got != http.StatusAccepted {
			t.Fatalf("answered %d", got)
		}
	}
	if n, err := s.db.Pending(t.Context()); err != nil || n != 1 {
		t.Errorf("%d jobs, %v", n, err)
	}
	if err := s.intake.Work(t.Context(), "g1"); err != nil || len(s.heard.guids) != 1 {
		t.Errorf("heard %v, %v", s.heard.guids, err)
	}
	if !strings.Contains(s.log.String(), `"delivery":"g1","event":"issue_comment"`) {
		t.Errorf("the log does not name it: %s", s.log)
	}
}

func TestWhatNobodyNeedsLeavesNoPayloadAndNoJob(t *testing.T) {
	const known = `"repository":{"id":7,"full_name":"acme/app"},"installation":{"id":3},`
	for name, one := range map[string]struct {
		event, body string
		inUse       bool
		want        bool
	}{
		"a comment with a command":  {"issue_comment", comment(1, "hello\n/release cut"), false, true},
		"a comment without":         {"issue_comment", comment(1, "hello"), true, false},
		"a push where nothing is":   {"push", `{` + known + `"sender":{"login":"maria"}}`, false, false},
		"a push where a release is": {"push", `{` + known + `"sender":{"login":"maria"}}`, true, true},
		"an issue where nothing is": {"issues", `{` + known + `"sender":{"login":"maria"}}`, false, true},
		"an issue event of ours": {"issues", `{` + known + `"sender":{"login":"Slipway[bot]"}}`, true,
			false},
		"an issue event of another bot": {"issues", `{` + known + `"sender":{"login":"triage[bot]"}}`,
			true, true},
		"an event of no repository":           {"push", `{"sender":{"login":"maria"}}`, true, false},
		"an event of an installation":         {"installation", `{"installation":{"id":3}}`, false, true},
		"a kind of event that nobody handles": {"star", `{` + known + `"sender":{"login":"maria"}}`, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			s.must(s.db.PutRepository(t.Context(), store.Repository{ID: 7, Name: "acme/app", Installation: 3,
				At: s.now}))
			if one.inUse {
				entry := []store.Entry{{Seq: 1, At: s.now, Kind: "started", Data: []byte("{}")}}
				s.must(s.db.Append(t.Context(), "7#1", 0, entry, store.Index{Repo: 7, Issue: 1, Open: true}))
			}
			if got := s.post("g1", one.event, one.body); got/100 != 2 {
				t.Fatalf("answered %d", got)
			}
			unhandled, err := s.db.Unhandled(t.Context())
			if err != nil || (len(unhandled) == 1) != one.want {
				t.Errorf("to be worked: %v, %v", unhandled, err)
			}
		})
	}
}

func TestTheFirstEventOfARepositoryIsWorkedSoThatItIsKnown(t *testing.T) {
	s := newStage(t)
	s.post("g1", "push", `{"repository":{"id":7,"full_name":"acme/app"},"installation":{"id":3}}`)
	if unhandled, err := s.db.Unhandled(t.Context()); err != nil || len(unhandled) != 1 {
		t.Errorf("to be worked: %v, %v", unhandled, err)
	}
}

func TestAPayloadThatCannotBeReadIsGivenUp(t *testing.T) {
	s := newStage(t)
	s.heard.fails = map[string]error{"g1": store.GiveUp{Err: errors.New("not a number")}}
	s.post("g1", "issue_comment", comment(1, "/release cut"))
	if _, is := errors.AsType[store.GiveUp](s.intake.Work(t.Context(), "g1")); !is {
		t.Error("it is not given up")
	}
}

func TestAnEventWhoseRepositoryNoInstallationCoversIsDropped(t *testing.T) {
	s := newStage(t)
	s.met.nobody = true
	s.post("g1", "issue_comment", comment(1, "/release cut"))
	if err := s.intake.Work(t.Context(), "g1"); err != nil || len(s.heard.guids) != 0 {
		t.Errorf("heard %v, %v", s.heard.guids, err)
	}
}
