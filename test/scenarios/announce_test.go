package scenarios

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/internal/announce"
	"github.com/slipway-dev/slipway/internal/demo"
	"github.com/slipway-dev/slipway/release/step"
)

// loudspeaker is a channel whose answers a test chooses.
type loudspeaker struct {
	mu    sync.Mutex
	heard []string
	fail  error
	announce.Channels
}

func (l *loudspeaker) Send(ctx context.Context, channel string, a step.Announcement) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var no *step.NotSent
	if !errors.As(l.fail, &no) {
		l.heard = append(l.heard, channel+": "+a.Subject)
	}
	if l.fail != nil {
		return l.fail
	}
	return l.Channels.Send(ctx, channel, a)
}

func (l *loudspeaker) set(err error) { l.mu.Lock(); defer l.mu.Unlock(); l.fail = err }

// An announcement is sent once, after the publication was seen; where it is not known whether it was, a person is
// asked.
func TestAnAnnouncementIsSentOnce(t *testing.T) {
	slack := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusOK)
	}))
	defer slack.Close()
	ls := &loudspeaker{Channels: announce.Channels{Client: slack.Client(),
		List: []announce.Channel{{Name: "slack", Kind: "slack", URL: slack.URL, Repos: []string{"kata-containers/*"}}}}}
	seed := demo.KataContainers()
	// The version is out already: only the announcement is left.
	seed.Repos[0].Commits[len(seed.Repos[0].Commits)-1].Files["VERSION"] = "4.1.0\n"
	seed.Repos[0].Commits[0].Files[".github/release.yaml"] = `name: kata
title: Kata Containers
versions: {kinds: [minor, patch], document: "x"}
names: {tag: "{version}"}
roles: {maintainer: {permission: maintain}}
may: {default: [maintainer]}
tracks: [{name: all, for: [minor, patch], phases: [cut]}]
phases:
  - name: cut
    title: Announcement
    who: [maintainer]
    do:
      - announce: {to: [slack], subject: "{version} is out", text: "See there."}
        title: Tell Slack
`
	for i := range seed.Repos[0].Commits[1:] {
		delete(seed.Repos[0].Commits[i+1].Files, ".github/release.yaml")
	}
	st, err := demo.Open(t.Context(), demo.StageOptions{
		Clock: func() time.Time {
			return today
		}, TokenLife: ages, Log: zerolog.Nop(), Seed: seed, Announce: ls, Retry: func(int) time.Duration { return 0 },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	say := func(text string) string {
		t.Helper()
		if _, err := st.Sandbox.As(demo.Fabi).Comment(t.Context(), demo.Kata, demo.Tracking, text); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := st.Settle(ctx); err != nil {
			t.Fatal(err)
		}
		snapshot, err := st.Sandbox.Snapshot(t.Context(), demo.Kata)
		if err != nil {
			t.Fatal(err)
		}
		all := ""
		for _, is := range snapshot.Issues {
			if is.Number == demo.Tracking {
				all += is.Body
				for _, c := range is.Comments {
					all += "\n" + c.Body
				}
			}
		}
		return all
	}
	say("/release start 4.2.0")
	if text := say("/release plan cut"); !strings.Contains(text, `Send to slack: "4.2.0 is out", "See there."`) {
		t.Errorf("the plan does not show what is sent:\n%s", text)
	}
	ls.set(&step.NotSent{Why: "slack answered 404"})
	if text := say("/release cut"); !strings.Contains(text, "**Not sent** to slack, because slack answered 404:") ||
		!strings.Contains(text, "/release retry slack") {
		t.Errorf("what was not sent is told as\n%s", text)
	}
	ls.set(errors.New("the answer was lost"))
	if text := say("/release retry slack"); !strings.Contains(text, "It is not known whether it [was sent]") {
		t.Errorf("what is not known is told as\n%s", text)
	}
	ls.set(nil)
	for _, d := range st.Sandbox.Delivered() {
		st.Sandbox.Redeliver(d.ID)
	}
	if text := say("/release retry slack"); !strings.Contains(text, "**Sent** to slack") ||
		!strings.Contains(text, "**Finished**") {
		t.Errorf("what was sent is told as\n%s", text)
	}
	for _, d := range st.Sandbox.Delivered() {
		st.Sandbox.Redeliver(d.ID)
	}
	say("/release status")
	if got := strings.Join(ls.heard, "; "); got != "slack: 4.2.0 is out; slack: 4.2.0 is out" {
		t.Errorf("heard was %s: one whose answer was lost, and one that a person asked for again", got)
	}
}
