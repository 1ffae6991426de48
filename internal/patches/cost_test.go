package patches_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/slipway-dev/slipway/internal/patches"
	"github.com/slipway-dev/slipway/internal/sandbox"
	"github.com/slipway-dev/slipway/internal/store"
)

// A report over N issues costs at most ceil(N/100)+2 requests when everything changed, and nothing when nothing did.
func TestAReportCostsWhatItPromises(t *testing.T) {
	const n = 250
	all := seed(preset)
	r := &all.Repos[0]
	r.Labels = append(r.Labels, "patch-release", "sig/cli")
	for i := range n {
		r.Issues = append(r.Issues, sandbox.SeedIssue{
			Title: fmt.Sprintf("Problem %d", i), Body: "```release\nintroduced-in=v1.30.0\n```\n", Author: "olga",
			Labels: []string{"patch-release"}, Milestone: "v1.31.1",
		})
	}
	s := openSeed(t, all)
	for _, what := range []string{"patches", "v1.31.1", "v1.31.0"} {
		s.say("petra", 1, "/release report "+what)
	}
	s.box.SetHook(sandbox.HookTarget{}) // nobody tells what happens now: it is the looks below that find it
	for _, what := range []string{"patches", "milestone v1.31.1", "version v1.31.0"} {
		t.Run(what, func(t *testing.T) {
			look := func() (paid, free []string) {
				t.Helper()
				s.pass(time.Minute) // what was read moments ago is not read again
				s.mu.Lock()
				s.calls, s.unchanged = nil, nil
				s.mu.Unlock()
				var later store.Later
				if err := s.p.Work(t.Context(),
					store.Job{Kind: patches.KindLook, Key: fmt.Sprintf("report:%d#1/=%s", s.id, what)}); !errors.As(err, &later) {
					t.Fatalf("the report answers %v, and not when to look again", err)
				}
				s.mu.Lock()
				defer s.mu.Unlock()
				for _, call := range s.calls {
					if !slices.Contains(s.unchanged, call) {
						paid = append(paid, call)
					}
				}
				return paid, s.unchanged
			}
			look() // at what the reports before this one changed
			if paid, free := look(); len(paid) > 0 || len(free) < n/100+2 {
				t.Errorf("nothing changed, and it costs\n%s\nbeside\n%s", strings.Join(paid, "\n"), strings.Join(free, "\n"))
			}
			// The newest issue is on the first page, and moves one from each page to the next.
			s.must(s.box.As("petra").Do(t.Context(), "POST", "/repos/"+repo+"/issues", map[string]any{
				"title": "One more", "body": "```release\nintroduced-in=v1.30.0\n```\n",
				"labels": []string{"patch-release", "sig/cli"}, "milestone": 1,
			}, nil))
			paid, _ := look()
			if pages := n/100 + 1; len(paid) < pages || len(paid) > pages+2 {
				t.Errorf("everything changed, and it costs %d requests, at most %d are promised:\n%s",
					len(paid), pages+2, strings.Join(paid, "\n"))
			}
		})
	}
}
