package rehearsal

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"

	"github.com/slipway-dev/slipway/internal/sandbox"
)

// printer tells of a rehearsal: what people say, what Slipway answers, what it writes, and what it waits for.
type printer struct {
	mu      sync.Mutex
	out     io.Writer
	plan    bool // the writes alone
	repo    string
	seen    map[int64]string // what comments of the bot were last printed as
	waits   string           // what was last printed that it waits for
	talking bool             // the curtain is up

	said, answers, writes, waited int
}

func newPrinter(out io.Writer, plan bool, repo string) *printer {
	return &printer{out: out, plan: plan, repo: repo, seen: map[int64]string{}}
}

func (p *printer) print(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.plan {
		fmt.Fprintf(p.out, format, args...)
	}
}

// opens prints what the rehearsal is of.
func (p *printer) opens(w *world) {
	where := "a repository that is made up for it"
	if w.clone != nil {
		where = "the branches, tags and files of " + w.clone.dir
	}
	p.print("Rehearsal of %s %s: process %s, track %s, on %s.\nNothing leaves this machine.\n", w.p.Title,
		w.begin.version, w.p.Name, w.begin.track, where)
	if w.clone != nil {
		for _, note := range append([]string{"the default branch is " + w.clone.defaultBranch}, w.clone.notes...) {
			p.print("Note: %s.\n", note)
		}
	}
	p.print("People: %s\n", w.cast.list())
	p.starts()
}

// starts lets the writes be printed from now on.
func (p *printer) starts() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.talking = true
}

// does prints what somebody says or does.
func (p *printer) does(who, what string) {
	p.mu.Lock()
	p.said++
	p.mu.Unlock()
	p.print("\n━━ %s %s\n", who, strings.ReplaceAll(what, "\n", "\n   "))
}

// hears prints the comments of the bot that are new, or say something else than before.
func (p *printer) hears(snapshot sandbox.Snapshot) {
	for _, is := range snapshot.Issues {
		for _, m := range is.Comments {
			text := plain(m.Body)
			if !strings.HasSuffix(m.Author, "[bot]") || p.seen[m.ID] == text || text == "" {
				continue
			}
			shown := text
			if p.seen[m.ID] == "" {
				p.answers++
				shown = quoted.ReplaceAllString(text, "") // it stands above
			}
			p.seen[m.ID] = text
			p.print("%s", margin(shown))
		}
	}
}

// reacted prints the reaction to a comment that got no reply.
func (p *printer) reacted(snapshot sandbox.Snapshot, comment int64) {
	signs := map[string]string{"rocket": "🚀", "confused": "😕"}
	for _, is := range snapshot.Issues {
		for _, m := range is.Comments {
			for _, content := range m.Reactions {
				if m.ID == comment && signs[content] != "" {
					p.print("   │ %s\n", signs[content])
				}
			}
		}
	}
}

// margin is a text with a line at its left.
func margin(text string) string {
	var out strings.Builder
	for l := range strings.Lines(text + "\n") {
		out.WriteString(strings.TrimRight("   │ "+l, " \n") + "\n")
	}
	return out.String()
}

// waitsFor prints what is waited for, where that is news.
func (p *printer) waitsFor(step, what, who string) {
	if text := step + what; text == p.waits {
		return
	}
	p.waits = step + what
	p.waited++
	if who != "" {
		who = " (" + who + ")"
	}
	p.print("   ⋯ waits for %s%s\n", plain(what), who)
}

var (
	hidden  = regexp.MustCompile(`(?s)<!--.*?-->|<details>.*?</details>`)
	quoted  = regexp.MustCompile("^> `[^\n]*`\n\n")
	linked  = regexp.MustCompile(`\[([^\]]+)\]\(https?://[^)]*\)`)
	barren  = regexp.MustCompile(`\n{3,}`)
	bold    = strings.NewReplacer("**", "", "<br>", " ")
	aligned = regexp.MustCompile(`(?m)^\|( \||-+\|)+\n`)
)

// plain is Markdown for a terminal: without what is hidden or folded, without the addresses of links.
func plain(text string) string {
	text = hidden.ReplaceAllString(text, "")
	text = linked.ReplaceAllString(text, "$1")
	text = aligned.ReplaceAllString(text, "")
	return strings.TrimSpace(barren.ReplaceAllString(bold.Replace(text), "\n\n"))
}

// front prints each write of the bot as GitHub takes it.
func (p *printer) front(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.Method == http.MethodGet || !strings.HasPrefix(req.URL.Path, "/api/") {
			next.ServeHTTP(w, req)
			return
		}
		body, err := io.ReadAll(req.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		req.Body = io.NopCloser(bytes.NewReader(body))
		status := &seenStatus{ResponseWriter: w}
		next.ServeHTTP(status, req)
		path, err := url.PathUnescape(req.URL.EscapedPath())
		if err != nil || status.code >= http.StatusMultipleChoices {
			return
		}
		p.wrote(written(req.Method, strings.TrimPrefix(path, "/api/v3"), body, p.repo))
	})
}

// wrote prints a write.
func (p *printer) wrote(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if text != "" && p.talking {
		p.writes++
		fmt.Fprintf(p.out, "   → %s\n", text)
	}
}

// seenStatus remembers how a request was answered.
type seenStatus struct {
	http.ResponseWriter
	code int
}

func (s *seenStatus) WriteHeader(code int) {
	s.code = code
	s.ResponseWriter.WriteHeader(code)
}

// fields are those of requests that the words below name.
type fields struct {
	Ref, SHA, Title, Name, Head, Base, State, Conclusion string
	TagName                                              string `json:"tag_name"`
	Draft                                                *bool
	Prerelease                                           bool
	Milestone                                            any
}

// written is a write in words; empty where it is talk, or an object that nothing refers to yet.
func written(method, path string, body []byte, own string) string {
	var f fields
	_ = json.Unmarshal(body, &f) // what cannot be read is told by its path
	rest, inRepo := strings.CutPrefix(path, "/repos/")
	parts := strings.SplitN(rest, "/", 3)
	if !inRepo || len(parts) < 3 {
		return "" // tokens, and what GraphQL folds away
	}
	repo, what := parts[0]+"/"+parts[1], parts[2]
	text := f.words(method, what)
	if text != "" && !strings.EqualFold(repo, own) {
		text += ", in " + repo
	}
	return text
}

func (f fields) words(method, what string) string {
	under := func(prefix string) bool { return strings.HasPrefix(what, prefix) }
	number, isIssue := strings.CutPrefix(what, "issues/")
	switch {
	case strings.HasSuffix(what, "/reactions"), strings.HasSuffix(what, "/comments"), under("issues/comments/"),
		under("git/trees"), under("git/commits"), under("git/blobs"), under("git/tags"), under("releases/generate"):
		return ""
	case method == "POST" && what == "git/refs":
		return fmt.Sprintf("makes %s at %.8s", shortRef(f.Ref), f.SHA)
	case under("git/refs/"):
		return map[string]string{"PATCH": "moves ", "DELETE": "deletes "}[method] +
			shortRef("refs/"+strings.TrimPrefix(what, "git/refs/"))
	case method == "POST" && what == "releases" && f.Draft != nil && *f.Draft:
		return "drafts the release " + f.TagName
	case what == "releases":
		return "publishes the release " + f.TagName
	case under("releases/") && method == "PATCH":
		return "publishes the draft"
	case under("releases/") && method == "DELETE":
		return "deletes a draft"
	case what == "milestones":
		return "makes the milestone " + f.Title
	case under("milestones/"):
		if f.State == "closed" {
			return "closes the milestone"
		}
		return "changes the milestone " + f.Title
	case what == "pulls":
		return fmt.Sprintf("opens the pull request %q from %s into %s", f.Title, f.Head, f.Base)
	case what == "rulesets":
		return "makes the ruleset " + fmt.Sprintf("%q", f.Name)
	case under("rulesets/") && method == "DELETE":
		return "deletes the ruleset"
	case strings.HasSuffix(what, "/dispatches"):
		return fmt.Sprintf("starts the workflow %s on %s", strings.Split(what, "/")[2], f.Ref)
	case strings.HasSuffix(what, "/rerun-failed-jobs"), strings.HasSuffix(what, "/rerun"):
		return "runs a workflow again"
	case under("check-runs"):
		return fmt.Sprintf("sets the check %s: %s", f.Name, cmp.Or(f.Conclusion, "in progress"))
	case what == "labels":
		return "makes the label " + f.Name
	case what == "merges":
		return "merges into " + f.Base
	case isIssue && strings.Contains(number, "/labels"):
		return map[string]string{"POST": "puts a label on #", "DELETE": "takes a label off #"}[method] +
			strings.Split(number, "/")[0]
	case isIssue && method == "PATCH" && f.Milestone != nil:
		return "moves #" + number + " to another milestone"
	case isIssue && method == "PATCH":
		return "" // the status in the description
	}
	return strings.ToLower(method) + " " + what
}

func shortRef(ref string) string {
	return strings.NewReplacer("refs/heads/", "the branch ", "refs/tags/", "the tag ").Replace(ref)
}
