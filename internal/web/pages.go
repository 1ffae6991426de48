// Package web holds the pages of the sandbox: its issues, and a box to comment as different people.
package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"

	"github.com/slipway-dev/slipway/internal/sandbox"
)

//go:embed pages.html
var files embed.FS

// Pages serve a sandbox to a browser.
type Pages struct {
	Sandbox *sandbox.Server
	URL     string
	// Projects are what the pages know of the repositories besides what the sandbox tells.
	Projects map[string]Project
}

// Project is a repository of the sandbox.
type Project struct {
	People   []string // that a visitor can comment as, the most powerful first
	Template string   // of a new issue
	Files    []string // of a release
}

// view is what a page shows.
type view struct {
	Repo, URL string
	Repos     []string
	People    []string
	Template  string
	Files     []string
	As        string
	Issue     sandbox.SnapIssue
	Snapshot  sandbox.Snapshot
	Runs      []sandbox.Run
	Problem   string
}

// Handler serves / and /-/...: the list of repositories, a repository, an issue.
func (p Pages) Handler() http.Handler {
	markdown := goldmark.New(goldmark.WithExtensions(extension.GFM))
	// What people and bots write is never trusted: it is rendered, then cleaned.
	clean := bluemonday.UGCPolicy()
	clean.AllowAttrs("type", "checked", "disabled").OnElements("input")
	tmpl := template.Must(template.New("pages.html").Funcs(template.FuncMap{
		"markdown": func(text string) template.HTML {
			var b bytes.Buffer
			if err := markdown.Convert([]byte(text), &b); err != nil {
				return template.HTML(template.HTMLEscapeString(text))
			}
			return template.HTML(clean.SanitizeBytes(b.Bytes()))
		},
		"emoji": func(name string) string {
			return map[string]string{"eyes": "👀", "rocket": "🚀", "confused": "😕", "+1": "👍"}[name]
		},
		"short": func(sha string) string { return sha[:min(8, len(sha))] },
	}).ParseFS(files, "pages.html"))
	mux := http.NewServeMux()
	show := func(w http.ResponseWriter, name string, v view) {
		var b bytes.Buffer
		if err := tmpl.ExecuteTemplate(&b, name, v); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy",
			"default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		_, _ = b.WriteTo(w)
	}
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		show(w, "home", view{URL: p.URL, Repos: p.Sandbox.Repositories()})
	})
	mux.HandleFunc("GET /-/{owner}/{repo}", func(w http.ResponseWriter, r *http.Request) {
		v, ok := p.look(w, r)
		if ok {
			show(w, "repo", v)
		}
	})
	mux.HandleFunc("GET /-/{owner}/{repo}/issues/{number}", func(w http.ResponseWriter, r *http.Request) {
		v, ok := p.look(w, r)
		if !ok {
			return
		}
		number, _ := strconv.Atoi(r.PathValue("number"))
		for _, is := range v.Snapshot.Issues {
			if is.Number == number {
				v.Issue = is
				show(w, "issue", v)
				return
			}
		}
		http.NotFound(w, r)
	})
	mux.HandleFunc("POST /-/{owner}/{repo}/issues/{number}", p.act)
	mux.HandleFunc("POST /-/{owner}/{repo}/issues", p.open)
	mux.HandleFunc("POST /-/{owner}/{repo}/runs/{id}", p.finish)
	mux.HandleFunc("POST /-/{owner}/{repo}/releases", p.publish)
	// The links in comments are GitHub's; they lead to the pages that there are.
	mux.HandleFunc("GET /{owner}/{repo}/{kind}/{rest...}", func(w http.ResponseWriter, r *http.Request) {
		to := "/-/" + url.PathEscape(r.PathValue("owner")) + "/" + url.PathEscape(r.PathValue("repo"))
		if number, err := strconv.Atoi(r.PathValue("rest")); err == nil &&
			(r.PathValue("kind") == "issues" || r.PathValue("kind") == "pull") {
			to += "/issues/" + strconv.Itoa(number)
		}
		http.Redirect(w, r, to, http.StatusSeeOther)
	})
	return mux
}

func (p Pages) look(w http.ResponseWriter, r *http.Request) (view, bool) {
	repo := r.PathValue("owner") + "/" + r.PathValue("repo")
	snap, err := p.Sandbox.Snapshot(r.Context(), repo)
	if err != nil {
		http.NotFound(w, r)
		return view{}, false
	}
	project, as := p.Projects[repo], r.URL.Query().Get("as")
	if as == "" && len(project.People) > 0 {
		as = project.People[0]
	}
	runs := p.Sandbox.Runs(repo)
	slices.Reverse(runs)
	return view{Repo: repo, URL: p.URL, People: project.People, Template: project.Template, Files: project.Files,
		As: as, Snapshot: snap, Runs: runs, Problem: r.URL.Query().Get("problem")}, true
}

// form reads a form. Only one of these very pages is taken.
func form(w http.ResponseWriter, r *http.Request) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" {
		http.Error(w, "this form belongs to another page", http.StatusForbidden)
		return false
	}
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "the form could not be read", http.StatusBadRequest)
		return false
	}
	return true
}

// back leads to the page of a repository or an issue, with what went wrong.
func (p Pages) back(w http.ResponseWriter, r *http.Request, page string, query url.Values, err error) {
	if err != nil {
		query.Set("problem", err.Error())
	} else {
		p.Sandbox.Flush() // so that the next look sees that the command was taken
	}
	http.Redirect(w, r, "/-/"+r.PathValue("owner")+"/"+r.PathValue("repo")+page+"?"+query.Encode()+"#end",
		http.StatusSeeOther)
}

// act takes the form of an issue: a comment, or what a button does.
func (p Pages) act(w http.ResponseWriter, r *http.Request) {
	if !form(w, r) {
		return
	}
	repo := r.PathValue("owner") + "/" + r.PathValue("repo")
	number, _ := strconv.Atoi(r.PathValue("number"))
	as := r.PostForm.Get("as")
	user := p.Sandbox.As(as)
	var err error
	switch r.PostForm.Get("do") {
	case "merge":
		err = user.MergePull(r.Context(), repo, number, "merge")
	case "approve":
		err = user.Do(r.Context(), http.MethodPost, fmt.Sprintf("/repos/%s/pulls/%d/reviews", repo, number),
			map[string]any{"event": "APPROVE"}, nil)
	case "describe":
		err = user.EditIssue(r.Context(), repo, number, map[string]any{"body": r.PostForm.Get("description")})
	case "close":
		err = user.EditIssue(r.Context(), repo, number, map[string]any{"state": "closed"})
	default:
		_, err = user.Comment(r.Context(), repo, number, strings.ReplaceAll(r.PostForm.Get("body"), "\r\n", "\n"))
	}
	p.back(w, r, fmt.Sprintf("/issues/%d", number), url.Values{"as": {as}}, err)
}

// open opens an issue. Its body keeps the line ends that browsers send, as on GitHub.
func (p Pages) open(w http.ResponseWriter, r *http.Request) {
	if !form(w, r) {
		return
	}
	repo := r.PathValue("owner") + "/" + r.PathValue("repo")
	var made struct{ Number int }
	err := p.Sandbox.As(r.PostForm.Get("as")).Do(r.Context(), http.MethodPost, "/repos/"+repo+"/issues",
		map[string]any{"title": r.PostForm.Get("title"), "body": r.PostForm.Get("body")}, &made)
	page := ""
	if err == nil {
		page = fmt.Sprintf("/issues/%d", made.Number)
	}
	p.back(w, r, page, url.Values{"as": {r.PostForm.Get("as")}}, err)
}

// publish publishes a release with its files, as a workflow or a person would.
func (p Pages) publish(w http.ResponseWriter, r *http.Request) {
	if !form(w, r) {
		return
	}
	user := p.Sandbox.As(r.PostForm.Get("as"))
	path := "/repos/" + r.PathValue("owner") + "/" + r.PathValue("repo") + "/releases"
	var made struct{ ID int64 }
	err := user.Do(r.Context(), http.MethodPost, path, map[string]any{
		"tag_name": r.PostForm.Get("tag"), "target_commitish": r.PostForm.Get("branch"), "name": r.PostForm.Get(
			"tag"), "draft": true,
	}, &made)
	for name := range strings.FieldsSeq(r.PostForm.Get("files")) {
		if err == nil {
			err = user.Do(r.Context(), http.MethodPost,
				fmt.Sprintf("%s/%d/assets?name=%s", path, made.ID,
					url.QueryEscape(name)), map[string]any{"content": name}, nil)
		}
	}
	if err == nil {
		err = user.Do(r.Context(), http.MethodPatch, fmt.Sprintf("%s/%d", path, made.ID),
			map[string]any{"draft": false}, nil)
	}
	p.back(w, r, "", url.Values{}, err)
}

// finish says how a job of a workflow run ended.
func (p Pages) finish(w http.ResponseWriter, r *http.Request) {
	if !form(w, r) {
		return
	}
	id, _ := strconv.ParseInt(r.PathValue("id"), 10, 64)
	err := p.Sandbox.FinishJob(r.PathValue("owner")+"/"+r.PathValue("repo"), id, r.PostForm.Get("job"),
		r.PostForm.Get("conclusion"))
	p.back(w, r, "", url.Values{}, err)
}
