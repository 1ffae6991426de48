// Package scenarios plays conversations on GitHub: a comment goes in, and what GitHub then looks like comes out. Each
// *.txtar file is one story, run by testscript; every request and answer on the way is held against GitHub's own
// description (test/contract).
package scenarios

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/internal/demo"
	"github.com/slipway-dev/slipway/internal/sandbox"
	"github.com/slipway-dev/slipway/test/contract"
)

var update = flag.Bool("update", false, "write the golden texts anew")

// ages is how long tokens live here: GitHub's clock stands still, and the bot's view of tokens does not.
const ages = 50 * 365 * 24 * time.Hour

// today is the day on which all stories happen.
var today = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	checker, err := contract.Load()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	problems := checker.Problems()
	for _, p := range problems {
		fmt.Fprintf(os.Stderr, "contract: %s %s (%s) %s: %s\n", p.Method, p.Route, p.Side, p.Field, p.Message)
	}
	fmt.Printf("contract: %d exchanges and webhooks were held against GitHub's description, %d problems\n",
		checker.Seen(), len(problems))
	if (len(problems) > 0 || !asked.narrow()) && code == 0 {
		code = 1
	}
	os.Exit(code)
}

// Releases: the stories of a release of Falco libs.
func TestScenarios(t *testing.T) { play(t, ".", demo.Libs, demo.Manager, demo.FalcoLibs) }

// Patches: the stories of the patch-release issues of a repository like Kubernetes.
func TestPatches(t *testing.T) {
	play(t, "patches", demo.Kube, demo.Petra, func() sandbox.Seed {
		seed := demo.Kubernetes()
		seed.Users = append(seed.Users, renovate)
		seed.Repos[0].Collaborators[renovate] = "write"
		return seed
	})
}

func play(t *testing.T, dir, repo, as string, seed func() sandbox.Seed) {
	checker, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                dir,
		UpdateScripts:      *update,
		RequireUniqueNames: true,
		Setup: func(env *testscript.Env) error {
			s := &story{as: as, repo: repo, dir: dir}
			st, err := demo.Open(context.Background(), demo.StageOptions{
				Clock:     func() time.Time { return today.AddDate(0, 0, int(s.days.Load())) },
				TokenLife: ages, Log: zerolog.New(zerolog.NewTestWriter(t)).Level(zerolog.WarnLevel),
				Seed: seed(), Front: s.front(contractFront(checker)), Hook: s.hook(checker.HookMiddleware),
				// The clock stands still: a job that waited at all would wait for ever.
				Retry: func(int) time.Duration { return 0 }, Leaps: true,
			})
			if err != nil {
				return err
			}
			env.Defer(func() {
				asked.note(st.Sandbox.Tokens())
				if err := st.Close(); err != nil {
					t.Error(err)
				}
			})
			s.st, env.Values["story"] = st, s
			return nil
		},
		Cmds: commands(),
	})
}

func commands() map[string]func(*testscript.TestScript, bool, []string) {
	all := map[string]func(*testscript.TestScript, bool, []string){
		"as":        func(ts *testscript.TestScript, _ bool, args []string) { of(ts).as = args[0] },
		"comment":   comment,
		"edit":      edit,
		"hashed":    takeHash,
		"redeliver": redeliver,
		"reply":     reply,
		"body":      body,
		"silent":    silent,
		"reacted":   reacted,
		"ref":       ref,
		"merge":     merge,
		"push":      push,
		"check":     check,
		"state":     state,
		"tick":      tick,
		"label":     labels,
		"milestone": milestone,
		"tag":       tag,
		"fill":      fill,
		"status":    status,
		"issue":     issue,
		"describe":  describe,
		"labelled":  labelled,
		"unlabel":   unlabel,
		"looks":     looks,
		"note":      note,
		"check_is":  checkIs,
		"publish":   publish,
		"days":      days,
		"plan_for":  planFor,
		"due":       due,
		"close":     closeIssue,
		"opened":    opened,
		"reopen":    reopen,
		"in":        in,
		"pull":      pull,
		"remove":    remove,
		"draft":     draft,
		"get":       get,
	}
	maps.Copy(all, builds())
	maps.Copy(all, lifecycle())
	maps.Copy(all, worldly())
	maps.Copy(all, staff())
	maps.Copy(all, reviews())
	all["allows"] = allows
	return all
}

// story is what the commands of one script share.
type story struct {
	st   *demo.Stage
	repo string
	dir  string // of the script
	as   string
	last int64        // the newest comment of a person
	on   int          // its issue
	hash string       // of a plan that a reply has shown
	days atomic.Int64 // that went by
	// offline lets nobody take GitHub's webhooks.
	offline atomic.Bool
	world   world
	named   map[string]int64 // comments that have a name in the script
	newest  atomic.Int64     // the last comment, for what happens beside the script
}

func of(ts *testscript.TestScript) *story { return ts.Value("story").(*story) }

func (s *story) settle(ts *testscript.TestScript) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	ts.Check(s.st.Settle(ctx))
}

func (s *story) snapshot(ts *testscript.TestScript) sandbox.Snapshot {
	snapshot, err := s.st.Sandbox.Snapshot(context.Background(), s.repo)
	ts.Check(err)
	return snapshot
}

func number(ts *testscript.TestScript, text string) int {
	n, err := strconv.Atoi(text)
	ts.Check(err)
	return n
}

// comment ISSUE TEXT: a person comments; a \n in the text is a new line, HASH the hash of the plan that hashed took,
// and a name of a file of the script its text.
func comment(ts *testscript.TestScript, refused bool, args []string) {
	s := of(ts)
	text := strings.NewReplacer(`\n`, "\n", "HASH", s.hash).Replace(args[1])
	if strings.HasSuffix(text, ".md") {
		text = ts.ReadFile(text)
	}
	id, err := s.st.Sandbox.As(s.as).Comment(context.Background(), s.repo, number(ts, args[0]), text)
	ts.Check(err)
	s.last, s.on = id, number(ts, args[0])
	s.newest.Store(id)
	s.settle(ts)
}

// hashed: the reply to the last comment shows a plan, whose hash is HASH in the comments that follow.
func takeHash(ts *testscript.TestScript, _ bool, _ []string) {
	s := of(ts)
	got, _ := s.answer(ts)
	_, rest, found := strings.Cut(got, "The hash of this plan is `")
	if !found {
		ts.Fatalf("the last reply shows no plan:\n%s", got)
	}
	s.hash, _, _ = strings.Cut(rest, "`")
}

// edit TEXT: the person edits the last comment.
func edit(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	text := strings.ReplaceAll(args[0], `\n`, "\n")
	ts.Check(s.st.Sandbox.As(s.as).EditComment(context.Background(), s.repo, s.last, text))
	s.settle(ts)
}

// redeliver: GitHub sends every delivery again, the newest first.
func redeliver(ts *testscript.TestScript, _ bool, _ []string) {
	s := of(ts)
	for _, d := range slices.Backward(s.st.Sandbox.Delivered()) {
		s.st.Sandbox.Redeliver(d.ID)
	}
	s.settle(ts)
}

// hashed are the hashes of plans, which every change of a process changes, and signed is all that they are of: one
// directory of stories looks at it.
var (
	hashed = regexp.MustCompile("(approve |hash of this plan is `|current hash is `|approved the plan `|" +
		"of this line is `|Refused:\\*\\* `|\"sha256\":\")(?:[0-9a-f]{64}|[0-9a-f]{12})\\b")
	signed = regexp.MustCompile("(?m)^\\{\"gates\":.*\\}$")
)

var noise = regexp.MustCompile(`http://127\.0\.0\.1:\d+|(issuecomment-|rules/|untagged-|runs/)\d+`)

// stable takes out of a text what differs from run to run.
func stable(text string) string {
	text, _, _ = strings.Cut(text, "\n\n<!-- slipway:key=")
	text = hashed.ReplaceAllString(text, "${1}HASH")
	return noise.ReplaceAllStringFunc(text, func(m string) string {
		if strings.HasPrefix(m, "http") {
			return "https://github.test"
		}
		return strings.TrimRight(m, "0123456789") + "1"
	})
}

// answer finds the bot's reply to the last comment.
func (s *story) answer(ts *testscript.TestScript) (string, bool) {
	return replyTo(s.snapshot(ts), s.last)
}

// reply FILE: the bot's one reply to the last comment is that text. ! reply: there is none.
func reply(ts *testscript.TestScript, _ bool, args []string) {
	got, found := of(ts).answer(ts)
	if !found {
		ts.Fatalf("the last comment has no reply")
	}
	text := stable(got)
	if of(ts).dir != "approvals" {
		text = signed.ReplaceAllString(text, "{…}")
	}
	compare(ts, text+"\n", args[0])
}

func compare(ts *testscript.TestScript, got, file string) {
	if *update {
		updateFile(ts, file, got)
		return
	}
	if want := ts.ReadFile(file); want != got {
		ts.Check(os.WriteFile(ts.MkAbs("got"), []byte(got), 0o600))
		ts.Fatalf("%s differs:\n--- want\n%s\n--- got\n%s", file, want, got)
	}
}

// body ISSUE FILE: what stands between Slipway's marks in the description.
func body(ts *testscript.TestScript, _ bool, args []string) {
	for _, is := range of(ts).snapshot(ts).Issues {
		if is.Number == number(ts, args[0]) {
			compare(ts, stable(is.Body)+"\n", args[1])
		}
	}
}

// silent: the last comment got no reply.
func silent(ts *testscript.TestScript, _ bool, _ []string) {
	if got, found := of(ts).answer(ts); found {
		ts.Fatalf("the last comment got a reply:\n%s", got)
	}
}

// reacted NAME...: the last comment carries exactly these reactions.
func reacted(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	for _, is := range s.snapshot(ts).Issues {
		for _, m := range is.Comments {
			if m.ID == s.last && !slices.Equal(m.Reactions, args) {
				ts.Fatalf("the reactions are %v, want %v", m.Reactions, args)
			}
		}
	}
}

// ref NAME is OTHER: both references are at the same commit. ! ref NAME: it does not exist.
func ref(ts *testscript.TestScript, not bool, args []string) {
	snapshot := of(ts).snapshot(ts)
	at := func(name string) string {
		if branch, ok := strings.CutPrefix(name, "refs/heads/"); ok {
			return snapshot.Branches[branch]
		}
		return snapshot.Tags[strings.TrimPrefix(name, "refs/tags/")]
	}
	switch {
	case not && at(args[0]) != "":
		ts.Fatalf("%s is at %s, and should not be there", args[0], at(args[0]))
	case !not && at(args[0]) == "":
		ts.Fatalf("%s is not there", args[0])
	case !not && len(args) == 3 && at(args[0]) != at(args[2]):
		ts.Fatalf("%s is at %s, and %s at %s", args[0], at(args[0]), args[2], at(args[2]))
	}
}

// merge NUMBER METHOD: the person merges a pull request. ! merge: GitHub refuses.
func merge(ts *testscript.TestScript, not bool, args []string) {
	s := of(ts)
	err := s.st.Sandbox.As(s.as).MergePull(context.Background(), s.repo, number(ts, args[0]), args[1])
	if not {
		if err == nil {
			ts.Fatalf("pull request %s was merged", args[0])
		}
		ts.Logf("refused: %v", err)
		return
	}
	ts.Check(err)
	s.settle(ts)
}

// push BRANCH FILE TEXT: the person commits to a branch; a \n in the text is a new line. ! push: GitHub refuses.
func push(ts *testscript.TestScript, not bool, args []string) {
	s := of(ts)
	_, err := s.st.Sandbox.As(s.as).Commit(context.Background(), s.repo, args[0], "master", "change "+args[1],
		map[string]string{args[1]: strings.ReplaceAll(args[2], `\n`, "\n") + "\n"})
	if not != (err != nil) {
		ts.Fatalf("push to %s: %v", args[0], err)
	}
	s.settle(ts)
}

// check BRANCH NAME CONCLUSION: the project's CI reports on the head of a branch; - leaves it in progress.
func check(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	s.st.Sandbox.FinishCheck(s.repo, s.snapshot(ts).Branches[args[0]], args[1], strings.Trim(args[2], "-"))
	s.settle(ts)
}

// label ISSUE NAME: the person labels an issue.
func labels(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	ts.Check(s.st.Sandbox.As(s.as).Do(context.Background(), "POST",
		fmt.Sprintf("/repos/%s/issues/%s/labels", s.repo, args[0]), map[string]any{"labels": args[1:]}, nil))
	s.settle(ts)
}

// milestone ISSUE TITLE: the person puts an issue into a milestone.
func milestone(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	for i, m := range s.snapshot(ts).Milestones {
		if m.Title == args[1] {
			ts.Check(s.st.Sandbox.As(s.as).EditIssue(context.Background(), s.repo, number(ts, args[0]),
				map[string]any{"milestone": i + 1}))
		}
	}
	s.settle(ts)
}

// tick ISSUE STEP...: the person ticks boxes of the status in one edit.
func tick(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	for _, is := range s.snapshot(ts).Issues {
		if is.Number != number(ts, args[0]) {
			continue
		}
		lines := strings.Split(is.Body, "\n")
		for i, l := range lines {
			if slices.ContainsFunc(args[1:],
				func(id string) bool { return strings.Contains(l, "<!-- step:"+id+" -->") }) {
				lines[i] = strings.Replace(l, "- [ ]", "- [x]", 1)
			}
		}
		ts.Check(s.st.Sandbox.As(s.as).EditIssue(context.Background(), s.repo, is.Number,
			map[string]any{"body": strings.Join(lines, "\n")}))
	}
	s.settle(ts)
}

// state FILE: what GitHub looks like: releases, milestones, pull requests, rulesets.
func state(ts *testscript.TestScript, _ bool, args []string) {
	var b strings.Builder
	snapshot := of(ts).snapshot(ts)
	for _, p := range snapshot.Releases {
		fmt.Fprintf(&b, "release %s draft=%t prerelease=%t latest=%t\n", p.Tag, p.Draft, p.Prerelease, p.Latest)
	}
	for _, m := range snapshot.Milestones {
		fmt.Fprintf(&b, "milestone %s %s %s\n", m.Title, m.State, m.Due)
	}
	for _, is := range snapshot.Issues {
		if is.Pull {
			fmt.Fprintf(&b, "pull #%d %s merged=%t %s\n", is.Number, is.State, is.Merged, is.Milestone)
		}
	}
	for _, name := range snapshot.Rulesets {
		fmt.Fprintf(&b, "ruleset %s\n", name)
	}
	compare(ts, b.String(), args[0])
}

// tag NAME BRANCH: the person tags the head of a branch by hand.
func tag(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	fields := map[string]any{"ref": "refs/tags/" + args[0], "sha": s.snapshot(ts).Branches[args[1]]}
	ts.Check(s.st.Sandbox.As(s.as).Do(context.Background(), "POST", "/repos/"+s.repo+"/git/refs", fields, nil))
	s.settle(ts)
}

// fill ISSUE CHARACTERS: the person writes a description of that length.
func fill(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	text := strings.Repeat("é", number(ts, args[1]))
	ts.Check(s.st.Sandbox.As(s.as).EditIssue(context.Background(), s.repo, number(ts, args[0]),
		map[string]any{"body": text}))
	s.settle(ts)
}

// status ISSUE FILE: the status in a comment of the bot's own. ! status ISSUE: there is no such comment.
func status(ts *testscript.TestScript, not bool, args []string) {
	s := of(ts)
	key := fmt.Sprintf("%%23%s%%2Fstatus -->", args[0])
	for _, is := range s.snapshot(ts).Issues {
		for _, m := range is.Comments {
			if is.Number == number(ts, args[0]) && strings.Contains(m.Body, key) {
				if not {
					ts.Fatalf("the status is in a comment:\n%s", m.Body)
				}
				compare(ts, stable(m.Body)+"\n", args[1])
				return
			}
		}
	}
	if !not {
		ts.Fatalf("no comment holds %s", key)
	}
}
