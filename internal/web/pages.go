// Package web holds the pages of the sandbox: its issues, and a box to comment as different people.
package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
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
	People  []string
}

// view is what a page shows.
type view struct {
	Repo, URL string
	Repos     []string
	People    []string
	As        string
	Issue     sandbox.SnapIssue
	Shot      sandbox.Snapshot
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
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
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
		for _, is := range v.Shot.Issues {
			if is.Number == number {
				v.Issue = is
				show(w, "issue", v)
				return
			}
		}
		http.NotFound(w, r)
	})
	mux.HandleFunc("POST /-/{owner}/{repo}/issues/{number}", p.act)
	// The links in comments are GitHub's; they lead to the pages that there are.
	mux.HandleFunc("GET /{owner}/{repo}/{kind}/{rest...}", func(w http.ResponseWriter, r *http.Request) {
		to := "/-/" + url.PathEscape(r.PathValue("owner")) + "/" + url.PathEscape(r.PathValue("repo"))
		if number, err := strconv.Atoi(r.PathValue("rest")); err == nil && (r.PathValue("kind") == "issues" || r.PathValue("kind") == "pull") {
			to += "/issues/" + strconv.Itoa(number)
		}
		http.Redirect(w, r, to, http.StatusSeeOther)
	})
	return mux
}

func (p Pages) look(w http.ResponseWriter, r *http.Request) (view, bool) {
	repo := r.PathValue("owner") + "/" + r.PathValue("repo")
	shot, err := p.Sandbox.Snapshot(r.Context(), repo)
	if err != nil {
		http.NotFound(w, r)
		return view{}, false
	}
	as := r.URL.Query().Get("as")
	if as == "" {
		as = p.People[0]
	}
	return view{Repo: repo, URL: p.URL, People: p.People, As: as, Shot: shot, Problem: r.URL.Query().Get("problem")}, true
}

// act takes the form: a comment, or a merge. Only a form of this very page is taken.
func (p Pages) act(w http.ResponseWriter, r *http.Request) {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" {
		http.Error(w, "this form belongs to another page", http.StatusForbidden)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "the form could not be read", http.StatusBadRequest)
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
	default:
		_, err = user.Comment(r.Context(), repo, number, strings.ReplaceAll(r.PostForm.Get("body"), "\r\n", "\n"))
	}
	query := url.Values{"as": {as}}
	if err != nil {
		query.Set("problem", err.Error())
	} else {
		p.Sandbox.Flush() // so that the next look sees that the command was taken
	}
	http.Redirect(w, r, fmt.Sprintf("/-/%s/issues/%d?%s#end", repo, number, query.Encode()), http.StatusSeeOther)
}
