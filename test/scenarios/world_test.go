package scenarios

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/slipway-dev/slipway/internal/demo"
	"github.com/slipway-dev/slipway/internal/sandbox"
	"github.com/slipway-dev/slipway/parse"
)

// renovate is a bot of others.
const renovate = "renovate[bot]"

// writer may edit the description, and has no role in the release.
const writer = "wanda"

// Heard: the stories of how commands are heard, in which order, and what is answered while GitHub is not itself.
func TestHeard(t *testing.T) {
	play(t, "heard", demo.Libs, demo.Manager, func() sandbox.Seed {
		seed := demo.FalcoLibs()
		seed.Users = append(seed.Users, renovate, writer)
		seed.Repos[0].Collaborators[writer] = "write"
		seed.Repos = append(seed.Repos, byHand())
		return seed
	})
}

// byHand is a repository whose process has two steps that people do at the same time.
func byHand() sandbox.SeedRepo {
	process := "name: rules\ntitle: Rules\ndocument: RELEASE.md\nversions: {kinds: [major, minor, patch]}\n" +
		"names: {tag: \"{version}\"}\n" +
		"roles:\n  manager: {about: who is assigned, assignees: true}\n  maintainer: {about: a maintainer, " +
		"permission: maintain}\n" +
		"may: {default: [manager, maintainer]}\ntracks: [{name: all, for: [major, minor, patch], phases: [cut]}]\n" +
		"phases:\n- name: cut\n  title: News\n  about: People are told.\n  who: [manager, maintainer]\n  do:\n" +
		"  - {id: blog, title: Write the article, manual: {text: the article, optional: true}}\n" +
		"  - {id: mail, title: Write the mail, manual: {text: the mail, optional: true}}\n" +
		"  - {id: wait, title: Wait for the answers, manual: {text: Wait for the answers}}\n"
	return sandbox.SeedRepo{
		Name: "rules", DefaultBranch: "main", Collaborators: map[string]string{writer: "write",
			demo.Maria: "maintain"},
		Commits: []sandbox.SeedCommit{{Message: "Begin", Author: demo.Maria, Tags: []string{"1.0.0"}, Released: true,
			Files: map[string]string{"README.md": "Rules\n", ".github/release.yaml": process}}},
		Issues: []sandbox.SeedIssue{
			{Title: "rules 1.1.0", Body: "The next.\n", Author: demo.Maria, Assignees: []string{demo.Manager}},
		},
	}
}

// world is what a script does to GitHub and to the way there.
type world struct {
	asked  []string // the requests of the bot, METHOD PATH
	mu     sync.Mutex
	denied []denial
	spoilt []spoilage
	limit  time.Time // until when GitHub refuses everything, by the rate
	whilst []interruption
	// unsigned spoils the signature of each webhook, as a wrong secret does.
	unsigned bool
}

type denial struct {
	method          string
	path            *regexp.Regexp
	status          int
	message, needed string
	until           time.Time // zero for ever
}

type spoilage struct {
	method string
	path   *regexp.Regexp
	how    sandbox.Spoiling
	left   int
}

// interruption is what a person does while GitHub has a request and has not answered it.
type interruption struct {
	method string
	path   *regexp.Regexp
	do     func()
}

func worldly() map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){
		"deny":          deny,
		"spoil":         spoil,
		"limit":         limit,
		"lag":           lag,
		"leap":          leap,
		"poll":          poll,
		"wrong_secret":  wrongSecret,
		"mute":          mute,
		"missed":        missed,
		"lose_database": loseDatabase,
		"whilst":        whilst,
		"rewrite":       rewrite,
		"remember":      remember,
		"ours":          ours,
		"says":          says,
		"swap":          swap,
		"chatter":       chatter,
		"lines":         lines,
		"forged":        forged,
		"together":      together,
		"checks_of":     checksOf,
		"typed_mark":    typedMark,
	}
}

func (w *world) denies(now func() time.Time) sandbox.DenyFunc {
	return func(method, path string) (int, string, string, bool) {
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, d := range w.denied {
			if d.method == method && d.path.MatchString(path) && (d.until.IsZero() || now().Before(d.until)) {
				return d.status, d.message, d.needed, true
			}
		}
		return 0, "", "", false
	}
}

// deny [for=DURATION] [needs=PERMISSION] METHOD PATH STATUS MESSAGE: GitHub answers so to requests whose path matches.
// ! deny: no longer.
func deny(ts *testscript.TestScript, not bool, args []string) {
	s := of(ts)
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	if not {
		s.world.denied = nil
		return
	}
	var d denial
	for strings.Contains(args[0], "=") {
		switch name, value, _ := strings.Cut(args[0], "="); name {
		case "for":
			d.until = s.st.Now().Add(span(ts, value))
		case "needs":
			d.needed = strings.ReplaceAll(value, ":", "=")
		}
		args = args[1:]
	}
	d.method, d.path, d.status, d.message = args[0], regexp.MustCompile(args[1]), number(ts, args[2]), args[3]
	s.world.denied = append(s.world.denied, d)
	s.st.Sandbox.Deny(s.world.denies(s.st.Now))
}

func span(ts *testscript.TestScript, text string) time.Duration {
	d, err := time.ParseDuration(text)
	ts.Check(err)
	return d
}

func (w *world) spoils(method, path string) sandbox.Spoiling {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range w.spoilt {
		if one := &w.spoilt[i]; one.left > 0 && one.method == method && one.path.MatchString(path) {
			one.left--
			return one.how
		}
	}
	return sandbox.Unspoiled
}

// spoil METHOD PATH HOW TIMES: so many answers come truncated, empty ({}), as a page of HTML, or are lost.
func spoil(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	hows := map[string]sandbox.Spoiling{
		"truncated": sandbox.Truncated, "empty": sandbox.EmptyObject, "page": sandbox.HTMLPage, "lost": sandbox.Lost,
	}
	how, known := hows[args[2]]
	if !known {
		ts.Fatalf("no such way to spoil: %s", args[2])
	}
	s.world.mu.Lock()
	s.world.spoilt = append(s.world.spoilt, spoilage{args[0], regexp.MustCompile(args[1]), how, number(ts, args[3])})
	s.world.mu.Unlock()
	s.st.Sandbox.Spoil(s.world.spoils)
}

// limit DURATION: GitHub announces its rate limit, and refuses everything for that long.
func limit(ts *testscript.TestScript, _ bool, args []string) {
	of(ts).limits(span(ts, args[0]))
}

func (s *story) limits(d time.Duration) {
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	s.world.limit = s.st.Now().Add(d)
}

// lag DURATION: lists show only what was made that long ago.
func lag(ts *testscript.TestScript, _ bool, args []string) { of(ts).st.Sandbox.Lag(span(ts, args[0])) }

// leap DURATION: so much time goes by.
func leap(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	s.st.Leap(span(ts, args[0]))
	s.settle(ts)
}

// poll: what waits is looked at once more.
func poll(ts *testscript.TestScript, _ bool, _ []string) {
	s := of(ts)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	ts.Check(s.st.Bot.Look(ctx))
	s.settle(ts)
}

// wrong_secret: the webhooks are signed with another secret than the bot has. ! wrong_secret: with the same again.
func wrongSecret(ts *testscript.TestScript, not bool, _ []string) {
	s := of(ts)
	s.world.mu.Lock()
	s.world.unsigned = !not
	s.world.mu.Unlock()
}

// mute: things happen of which GitHub does not tell. ! mute: it does again.
func mute(ts *testscript.TestScript, not bool, _ []string) { of(ts).st.Sandbox.Mute(!not) }

// missed ISSUE TEXT: a person comments, and nobody takes the webhook.
func missed(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	s.offline.Store(true)
	comment(ts, false, args)
	s.offline.Store(false)
}

// lose_database: the bot stops, and goes on with an empty database. lose_database recover: bot recover restores it.
func loseDatabase(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if len(args) == 0 {
		ts.Check(s.st.Forget(ctx))
	} else {
		ts.Check(s.st.Lose(ctx, s.repo))
	}
	s.settle(ts)
}

// whilst METHOD PATH comment ISSUE TEXT: the person comments while GitHub has such a request, and it is in the mailbox
// before the answer. whilst METHOD PATH answered ISSUE TEXT: it is answered before. whilst METHOD PATH crowd ISSUE N
// TEXT: N such comments. whilst METHOD PATH rewrite ISSUE OLD NEW: the description is edited. whilst METHOD PATH limit
// DURATION: the rate limit is spent. whilst METHOD PATH forge ISSUE: a bot of others writes a comment with the hidden
// mark that the reply to the last comment has. whilst METHOD PATH draft TAG TARGET: the person drafts a release.
// whilst METHOD PATH push BRANCH FILE TEXT: the person pushes a commit.
func whilst(ts *testscript.TestScript, _ bool, args []string) {
	s, as := of(ts), of(ts).as
	rest := args[3:]
	do := map[string]func(){
		"comment": func() { s.heard(number(ts, rest[0]), s.says(as, rest[0], rest[1])) },
		"crowd": func() {
			for range number(ts, rest[1]) {
				s.says(as, rest[0], rest[2])
			}
		},
		"answered": func() { s.replied(s.says(as, rest[0], rest[1])) },
		"rewrite":  func() { s.rewrites(as, rest[0], rest[1], rest[2]) },
		"limit":    func() { s.limits(span(ts, rest[0])) },
		"forge":    func() { s.forge(number(ts, rest[0])) },
		"push": func() {
			_, _ = s.st.Sandbox.As(as).Commit(context.Background(), s.repo, rest[0], "master", "change "+rest[1],
				map[string]string{rest[1]: rest[2] + "\n"})
		},
		"draft": func() {
			_ = s.st.Sandbox.As(as).Do(context.Background(), "POST", "/repos/"+s.repo+"/releases",
				map[string]any{"tag_name": rest[0], "target_commitish": rest[1], "name": rest[0], "draft": true}, nil)
		},
	}[args[2]]
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	s.world.whilst = append(s.world.whilst, interruption{args[0], regexp.MustCompile(args[1]), do})
}

// says comments as somebody, while a request is under way: what fails shows in the story.
func (s *story) says(as, issue, text string) int64 {
	n, _ := strconv.Atoi(issue)
	id, err := s.st.Sandbox.As(as).Comment(context.Background(), s.repo, n, text)
	if err != nil {
		return 0
	}
	return id
}

// within waits for something that another worker does, with an end.
func within(there func() bool) {
	end := time.After(10 * time.Second)
	for tick := time.NewTicker(2 * time.Millisecond); ; {
		select {
		case <-end:
			return
		case <-tick.C:
			if there() {
				return
			}
		}
	}
}

func (s *story) heard(issue int, id int64) {
	within(func() bool {
		mail, err := s.st.Bot.Store.Mailbox(context.Background(), s.st.Sandbox.RepositoryID(s.repo), issue)
		return err == nil && len(mail) > 0 && mail[len(mail)-1].Comment == id
	})
}

func (s *story) replied(id int64) {
	within(func() bool {
		_, found := replyTo(s.peek(), id)
		return found
	})
}

// rewrite ISSUE OLD NEW: the person edits the description: \n is a new line.
func rewrite(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	if !s.rewrites(s.as, args[0], args[1], args[2]) {
		ts.Fatalf("%q is not in the description", args[1])
	}
	s.settle(ts)
}

func (s *story) rewrites(as, issue, old, text string) bool {
	snap := s.peek()
	breaks := strings.NewReplacer(`\n`, "\n")
	old, text = breaks.Replace(old), breaks.Replace(text)
	for _, is := range snap.Issues {
		if strconv.Itoa(is.Number) == issue && strings.Contains(is.Body, old) {
			body := strings.Replace(is.Body, old, text, 1)
			return s.st.Sandbox.As(as).EditIssue(context.Background(), s.repo, is.Number,
				map[string]any{"body": body}) == nil
		}
	}
	return false
}

// swap ISSUE STEP STEP: the person exchanges the hidden names of two steps in the description.
func swap(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	mark := func(id string) string { return "<!-- step:" + id + " -->" }
	for _, is := range s.snapshot(ts).Issues {
		if is.Number == number(ts, args[0]) {
			body := strings.NewReplacer(mark(args[1]), mark(args[2]), mark(args[2]), mark(args[1])).Replace(is.Body)
			if body == is.Body {
				ts.Fatalf("neither %s nor %s is in the description", args[1], args[2])
			}
			ts.Check(s.st.Sandbox.As(s.as).EditIssue(context.Background(), s.repo, is.Number,
				map[string]any{"body": body}))
		}
	}
	s.settle(ts)
}

// remember NAME: the last comment has that name. remember is NAME: that comment is the last one again.
func remember(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	if args[0] == "is" {
		s.last = s.named[args[1]]
		return
	}
	if s.named == nil {
		s.named = map[string]int64{}
	}
	s.named[args[0]] = s.last
}

// open are our comments on an issue that are not minimised.
func (s *story) open(ts *testscript.TestScript, issue string) []sandbox.SnapComment {
	var out []sandbox.SnapComment
	for _, is := range s.snapshot(ts).Issues {
		for _, m := range is.Comments {
			if is.Number == number(ts, issue) && m.Author == "slipway[bot]" && !m.Minimized {
				out = append(out, m)
			}
		}
	}
	return out
}

// ours ISSUE N: so many comments of ours are open on the issue. ours ISSUE at-most N: no more. Whatever the number, no
// two of them have the same mark.
func ours(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	all, want := s.open(ts, args[0]), number(ts, args[len(args)-1])
	var keys []string
	for _, m := range all {
		keys = append(keys, parse.Markers(m.Body)...)
	}
	slices.Sort(keys)
	if len(slices.Compact(slices.Clone(keys))) != len(keys) {
		ts.Fatalf("a comment is doubled:\n%s", strings.Join(keys, "\n"))
	}
	if len(all) > want || len(args) == 2 && len(all) < want {
		ts.Fatalf("%d comments of ours are open:\n%s", len(all), strings.Join(keys, "\n"))
	}
}

// says ISSUE WORDS: an open comment of ours on the issue has these words. ! says: none has.
func says(ts *testscript.TestScript, not bool, args []string) {
	for _, m := range of(ts).open(ts, args[0]) {
		if strings.Contains(m.Body, args[1]) {
			if not {
				ts.Fatalf("a comment says so:\n%s", m.Body)
			}
			return
		}
	}
	if !not {
		ts.Fatalf("no comment of ours says %q", args[1])
	}
}

// chatter ISSUE N: the person writes so many comments without a command.
func chatter(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	for range number(ts, args[1]) {
		_, err := s.st.Sandbox.As(s.as).Comment(context.Background(), s.repo, number(ts, args[0]), "Thanks!")
		ts.Check(err)
	}
	s.settle(ts)
}

// lines ISSUE N TEXT: the person writes one comment of so many lines.
func lines(ts *testscript.TestScript, _ bool, args []string) {
	comment(ts, false, []string{args[0], strings.Repeat(args[2]+"\n", number(ts, args[1]))})
}

const forgery = "This is not from Slipway."

func (s *story) forge(issue int) {
	key := fmt.Sprintf("%d#%d/reply/%d", s.st.Sandbox.RepositoryID(s.repo), issue, s.newest.Load())
	body := forgery + "\n\n" + parse.Marker(key)
	_, _ = s.st.Sandbox.As(renovate).Comment(context.Background(), s.repo, issue, body)
}

// forged ISSUE: the comment with a forged mark stands there as it was written.
func forged(ts *testscript.TestScript, _ bool, args []string) {
	for _, is := range of(ts).snapshot(ts).Issues {
		for _, m := range is.Comments {
			if is.Number == number(ts, args[0]) && m.Author == renovate && strings.HasPrefix(m.Body, forgery) {
				return
			}
		}
	}
	ts.Fatalf("the forged comment is not there")
}

// typed_mark ISSUE KEY TEXT: the person comments, with the hidden mark of a key of the issue's release where the text
// says MARK, and with that of KEY/sent where it says SENT: unescaped, so that a quotation has room for both.
func typedMark(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	key := fmt.Sprintf("%d#%s/%s", s.st.Sandbox.RepositoryID(s.repo), args[0], args[1])
	marks := strings.NewReplacer("MARK", "<!-- slipway:key="+key+" -->", "SENT", "<!-- slipway:key="+key+"/sent -->")
	comment(ts, false, []string{args[0], marks.Replace(args[2])})
}

// together N TEXT: the person opens so many issues and comments on all of them before anything is worked on; every
// comment but the one on the first of them is answered, while GitHub does not answer for the first.
func together(ts *testscript.TestScript, _ bool, args []string) {
	s, ctx := of(ts), context.Background()
	var numbers []int
	for i := range number(ts, args[0]) {
		var made struct{ Number int }
		fields := map[string]any{"title": fmt.Sprintf("libs 0.%d.0", 31+i)}
		ts.Check(s.st.Sandbox.As(s.as).Do(ctx, "POST", "/repos/"+s.repo+"/issues", fields, &made))
		numbers = append(numbers, made.Number)
	}
	s.settle(ts)
	path := regexp.MustCompile(fmt.Sprintf("/issues/%d/comments", numbers[0]))
	answered := make(chan bool, 1)
	var others []int64
	said := make(chan struct{})
	s.world.mu.Lock()
	s.world.whilst = append(s.world.whilst, interruption{"POST", path, func() {
		<-said
		for _, id := range others {
			s.replied(id)
		}
		_, all := replyTo(s.peek(), others[len(others)-1])
		answered <- all
	}})
	s.world.mu.Unlock()
	for i, n := range numbers {
		id, err := s.st.Sandbox.As(s.as).Comment(ctx, s.repo, n, args[1])
		ts.Check(err)
		if i > 0 {
			others = append(others, id)
		}
	}
	close(said)
	s.settle(ts)
	if !<-answered {
		ts.Fatalf("the others waited for #%d", numbers[0])
	}
}

// peek is what the repository looks like, for who cannot end the story.
func (s *story) peek() sandbox.Snapshot {
	snap, err := s.st.Sandbox.Snapshot(context.Background(), s.repo)
	if err != nil {
		return sandbox.Snapshot{}
	}
	return snap
}

// checks_of BRANCH N: at most so many check runs stand at the head of a branch.
func checksOf(ts *testscript.TestScript, _ bool, args []string) {
	snap := of(ts).snapshot(ts)
	found := slices.DeleteFunc(snap.Checks,
		func(c string) bool { return !strings.HasSuffix(c, snap.Branches[args[0]]) })
	if len(found) > number(ts, args[1]) {
		ts.Fatalf("%d check runs stand there:\n%s", len(found), strings.Join(found, "\n"))
	}
}

// front is before everything that a request of the bot's reaches.
func (s *story) front(next func(http.Handler) http.Handler) func(http.Handler) http.Handler {
	return func(h http.Handler) http.Handler {
		h = next(h)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if s.world.limited(w, func() time.Time { return s.st.Now() }) {
				return
			}
			s.world.note(r)
			for {
				do := s.world.interrupted(r.Method, r.URL.EscapedPath())
				if do == nil {
					break
				}
				do()
			}
			h.ServeHTTP(w, r)
		})
	}
}

// note keeps what the bot asks for.
func (w *world) note(r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = append(w.asked, r.Method+" "+r.URL.Path)
}

// limited answers as GitHub does where the rate limit is spent.
func (w *world) limited(out http.ResponseWriter, now func() time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.limit.IsZero() || !now().Before(w.limit) {
		return false
	}
	out.Header().Set("X-RateLimit-Remaining", "0")
	out.Header().Set("X-RateLimit-Reset", strconv.FormatInt(w.limit.Unix(), 10))
	http.Error(out, `{"message":"API rate limit exceeded for installation."}`, http.StatusForbidden)
	return true
}

// interrupted takes what happens during such a request, nil for nothing.
func (w *world) interrupted(method, path string) func() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, one := range w.whilst {
		if one.method == method && one.path.MatchString(path) {
			w.whilst = slices.Delete(w.whilst, i, i+1)
			return one.do
		}
	}
	return nil
}

// secret spoils the signature of a webhook while the secret is wrong.
func (w *world) secret(r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.unsigned {
		r.Header.Set("X-Hub-Signature-256", "sha256="+string(bytes.Repeat([]byte("0"), 64)))
	}
}

// replyTo finds the reply of ours to a comment.
func replyTo(snap sandbox.Snapshot, comment int64) (string, bool) {
	want := fmt.Sprintf("reply%%2F%d ", comment) // the end of a mark
	for _, is := range snap.Issues {
		for _, m := range is.Comments {
			if m.Author == "slipway[bot]" && strings.Contains(m.Body, want) {
				return m.Body, true
			}
		}
	}
	return "", false
}
