// Package calls counts what a comment costs: the requests to GitHub from the comment until everything rests, with a
// cold cache. `make calls` prints the table; the bounds are a promise.
package calls

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/internal/demo"
	"github.com/slipway-dev/slipway/internal/sandbox"
)

// life is how long tokens live here: the sandbox's clock stands still, and the bot's view of tokens does not.
const life = 50 * 365 * 24 * time.Hour

var today = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

// counter counts the requests of the bot.
type counter struct {
	mu                                     sync.Mutex
	reads, unchanged, writes, tokens, fold int
	log                                    []string
}

func (c *counter) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status := &recorder{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(status, r)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.log = append(c.log, fmt.Sprintf("%s %s %d", r.Method, strings.TrimPrefix(r.URL.RequestURI(), "/api/v3"),
			status.status))
		switch {
		case strings.HasSuffix(r.URL.Path, "/access_tokens"), strings.HasPrefix(r.URL.Path, "/api/v3/app"):
			c.tokens++
		case strings.HasSuffix(r.URL.Path, "/graphql"):
			c.fold++
		case r.Method != http.MethodGet:
			c.writes++
		case status.status == http.StatusNotModified:
			c.unchanged++
		default:
			c.reads++
		}
	})
}

type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

func (c *counter) all() int { return c.reads + c.unchanged + c.writes }

// said is what is measured: some comments go before, so that the last one meets the state that it needs.
type said struct {
	name   string
	seed   func() sandbox.Seed
	repo   string
	issue  int
	before []line
	by     string
	text   string
	most   int // requests; 0 is no bound
}

type line struct{ by, text string }

func lines(n int, text string) string { return strings.TrimSuffix(strings.Repeat(text+"\n", n), "\n") }

func cases() []said {
	libs := func(name, by, text string, most int, before ...line) said {
		return said{name, demo.FalcoLibs, demo.Libs, demo.Tracking, before, by, text, most}
	}
	kube := func(name, by string, issue int, text string, most int) said {
		return said{name, demo.Kubernetes, demo.Kube, issue, nil, by, text, most}
	}
	rita, olaf := demo.Manager, demo.Outsider
	maria := demo.Maria
	prepared := line{maria, "/release prepare"}
	frozen := line{rita, "/release freeze"}
	return []said{
		libs("help before a start", olaf, "/release help", 6),
		libs("status before a start", rita, "/release status", 6),
		libs("help", olaf, "/release help", 6, prepared),
		libs("status", rita, "/release status", 6, prepared),
		libs("next", rita, "/release next", 0, prepared),
		libs("why", rita, "/release why", 0, prepared),
		libs("plan", rita, "/release plan", 0, prepared),
		libs("start", maria, "/release start 0.21.0", 0),
		libs("prepare", maria, "/release prepare", 0),
		libs("freeze", rita, "/release freeze", 0, prepared),
		libs("branch", rita, "/release branch", 0, prepared, frozen),
		libs("hold", maria, `/release hold "CI is down"`, 0, prepared),
		libs("an assignee's start", rita, "/release start 0.21.0", 6),
		libs("an assignee's dud", rita, "/release dud it", 6, prepared),
		libs("an outsider's prepare", olaf, "/release prepare", 6),
		libs("an outsider's start", olaf, "/release start 0.21.0", 6),
		libs("an outsider's cut", olaf, "/release cut", 6, prepared, frozen),
		libs("an outsider's approve", olaf, "/release approve", 6, prepared),
		libs("an outsider's abort", olaf, "/release abort now", 6, prepared),
		libs("an outsider's second refusal", olaf, "/release cut", 4, prepared, line{olaf, "/release freeze"}),
		libs("an outsider's word that is none", olaf, "/release frobnicate", 6, prepared),
		libs("1,000 lines of an outsider", olaf, lines(1000, "/release prepare"), 20),
		libs("words of another bot", olaf, "/lgtm\n/approve", 0),
		libs("/priority where it is not set up", olaf, "/priority high", 3),
		kube("/priority and /sig", demo.Petra, 1, "/priority critical-urgent\n/sig node", 8),
		kube("/priority and /sig, whose labels are not there", demo.Petra, 1, "/priority backlog\n/sig network", 8),
		{"another /priority and /sig", demo.Kubernetes, demo.Kube, 1, []line{{demo.Petra, "/priority critical-urgent"}},
			demo.Petra, "/priority important-soon\n/sig node", 8},
		kube("/milestone that is not there", demo.Petra, 1, "/milestone v1.31.1", 7),
		kube("an outsider's /priority", demo.Olga, 1, "/priority critical-urgent", 6),
		kube("an outsider's /milestone", demo.Olga, 1, "/milestone v1.31.1", 6),
		kube("an outsider's /cherry-pick", demo.Olga, 2, "/cherry-pick release-1.31", 6),
		kube("an outsider's report", demo.Olga, 1, "/release report patches", 6),
		kube("1,000 lines of an outsider, reports", demo.Olga, 1, lines(1000, "/release report patches"), 20),
	}
}

// measure plays a case, and counts its last comment with an empty cache.
func measure(t *testing.T, s said) *counter {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c := &counter{}
	st, err := demo.Open(ctx, demo.StageOptions{
		Clock: func() time.Time { return today }, TokenLife: life, Log: zerolog.Nop(), Seed: s.seed(), Front: c.wrap,
		Retry: func(int) time.Duration { return 0 },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	}()
	for _, l := range s.before {
		if _, err := st.Sandbox.As(l.by).Comment(ctx, s.repo, s.issue, l.text); err != nil {
			t.Fatal(err)
		}
		if err := st.Settle(ctx); err != nil {
			t.Fatal(err)
		}
	}
	st.Bot.GitHub.Forget()
	*c = counter{}
	if _, err := st.Sandbox.As(s.by).Comment(ctx, s.repo, s.issue, s.text); err != nil {
		t.Fatal(err)
	}
	if err := st.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestWhatACommentCosts holds the bounds.
func TestWhatACommentCosts(t *testing.T) {
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "reads\t304\twrites\tall\tbound\tminimized\t  comment")
	for _, s := range cases() {
		c := measure(t, s)
		bound := "-"
		if s.most > 0 {
			bound = fmt.Sprint(s.most)
		}
		fmt.Fprintf(table, "%d\t%d\t%d\t%d\t%s\t%d\t  %s\n", c.reads, c.unchanged, c.writes, c.all(), bound, c.fold,
			s.name)
		if s.most > 0 && c.all() > s.most {
			t.Errorf("%s costs %d requests, and %d are allowed:\n%s", s.name, c.all(), s.most,
				strings.Join(c.log, "\n"))
		}
	}
	if err := table.Flush(); err != nil {
		t.Fatal(err)
	}
}

// TestNoURLIsReadTwiceInOneComment holds that what was read is remembered as long as nothing was written.
func TestNoURLIsReadTwiceInOneComment(t *testing.T) {
	for _, s := range cases() {
		seen := map[string]bool{}
		for _, call := range measure(t, s).log {
			method, rest, _ := strings.Cut(call, " ")
			url, _, _ := strings.Cut(rest, " ")
			if method != http.MethodGet {
				seen = map[string]bool{}
				continue
			}
			if seen[url] && !strings.HasPrefix(url, "/app") {
				t.Errorf("%s reads %s twice", s.name, url)
			}
			seen[url] = true
		}
	}
}
