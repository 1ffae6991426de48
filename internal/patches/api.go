package patches

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/mod/semver"

	"github.com/slipway-dev/slipway/internal/store"
	rules "github.com/slipway-dev/slipway/release/patches"
)

// hit is an issue in the answer to "what has this version?".
type hit struct {
	Number     int      `json:"number"`
	Title      string   `json:"title"`
	URL        string   `json:"url"`
	State      string   `json:"state"`
	Priority   []string `json:"priority"`
	SIGs       []string `json:"sigs"`
	ResolvedIn string   `json:"resolved_in,omitempty"` // on the line of the version
}

// listing is what is known of the patch-release issues of a public repository.
type listing struct {
	repo             string
	issues           []rules.Known // by number
	tags, maintained []string
}

// answer is the body of an answer; with why, it is that there is no such thing, and fix says what to ask instead.
type answer struct {
	body     any // as encoding/json takes it
	why, fix string
}

// mostAtOnce is how many requests of programs are answered at a time: each reads all issues of a repository.
const mostAtOnce = 2

// freshFor is for how long a program or a cache between may keep an answer without asking again.
const freshFor = "public, max-age=60"

// API answers what programs ask about patch-release issues: of public repositories only, nothing that an issue under
// embargo hides, and without asking GitHub: strangers shall not use up what GitHub grants to the App.
func (p *Patches) API() http.Handler {
	mux := http.NewServeMux()
	turn := make(chan struct{}, mostAtOnce)
	serve := func(of func(r *http.Request, l listing) answer) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			select {
			case turn <- struct{}{}:
				defer func() { <-turn }()
			case <-r.Context().Done():
				return
			}
			repo := r.PathValue("owner") + "/" + r.PathValue("repo")
			l, found, err := p.listing(r.Context(), repo)
			if err != nil {
				p.Log.Error().Err(err).Str("repository", repo).Msg("patch-release issues not read")
				respond(w, r, http.StatusInternalServerError,
					map[string]any{"message": "the database could not be read; try again in a minute"})
				return
			}
			if !found {
				respond(w, r, http.StatusNotFound,
					map[string]any{"message": "no such public repository with " + rules.File})
				return
			}
			a := of(r, l)
			if a.why != "" {
				respond(w, r, http.StatusNotFound, map[string]any{"message": a.why, "fix": a.fix})
				return
			}
			respond(w, r, http.StatusOK, a.body)
		}
	}
	mux.HandleFunc("GET /api/v1/repos/{owner}/{repo}/affected/{version}", serve(affected))
	mux.HandleFunc("GET /api/v1/repos/{owner}/{repo}/osv", serve(osv))
	return mux
}

func osv(_ *http.Request, l listing) answer {
	out := []rules.OSV{}
	for _, is := range l.issues {
		if spans := is.Spans(l.maintained); len(spans) > 0 {
			out = append(out, rules.Export(l.repo, is.Issue, spans, l.tags))
		}
	}
	return answer{body: out}
}

func affected(r *http.Request, l listing) answer {
	version := r.PathValue("version")
	if semver.IsValid("v" + version) {
		version = "v" + version
	}
	if !semver.IsValid(version) || !slices.Contains(l.tags, version) {
		return answer{why: "there is no version " + version,
			fix: "ask for a tag of the repository, for example v1.30.4"}
	}
	out := []hit{}
	for _, is := range l.issues {
		if spans := is.Spans(l.maintained); rules.Has(spans, version) {
			out = append(out, hitOf(is, rules.Published(spans, l.tags), version))
		}
	}
	return answer{body: map[string]any{"version": version, "issues": out}}
}

// hitOf shows an issue that a version has.
func hitOf(is rules.Known, spans []rules.Span, version string) hit {
	h := hit{
		Number: is.Number, Title: is.Title, URL: is.URL, State: is.State,
		Priority: append([]string{}, is.Under(rules.PriorityPrefix)...),
		SIGs:     append([]string{}, is.Under(rules.SIGPrefix)...),
	}
	for _, s := range spans {
		if s.Minor == rules.MinorOf(version) {
			h.ResolvedIn = s.Until
		}
	}
	return h
}

// listing is what is stored of a repository, by its name however it is capitalised. It is found only where its last
// delivery said that everybody may read it, and where it keeps patch-release issues.
func (p *Patches) listing(ctx context.Context, name string) (l listing, found bool, err error) {
	repo, known, err := p.Store.RepositoryNamed(ctx, name)
	if err != nil || !known || !repo.Public || repo.Away != "" {
		return l, false, err
	}
	memory, open, err := load[servedMemory](ctx, p.Store, servedKey(repo.ID))
	if err != nil || !open {
		return l, false, err
	}
	snaps, err := p.Store.Snapshots(ctx, store.SnapshotFilter{Repo: repo.ID, Prefix: kindIssue + ":"})
	if err != nil {
		return l, false, fmt.Errorf("list the issues of repository %d: %w", repo.ID, err)
	}
	l = listing{repo: repo.Name, tags: memory.Tags, maintained: memory.Maintained}
	for _, snap := range snaps {
		m, err := decoded[issueMemory](snap)
		if err != nil {
			return l, false, err
		}
		// What is under embargo is not told to those who look for holes by program.
		if m.Shown != nil && m.Unseen.IsZero() && !m.Shown.Embargoed {
			l.issues = append(l.issues, rules.Known{Issue: *m.Shown, Facts: m.Facts})
		}
	}
	slices.SortFunc(l.issues, func(a, b rules.Known) int { return a.Number - b.Number })
	return l, true, nil
}

// respond writes an answer, or that it is the one that the program has (RFC 9110, 13.1.2).
func respond(w http.ResponseWriter, r *http.Request, status int, body any) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("X-Content-Type-Options", "nosniff")
	text, err := json.Marshal(body)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	if status == http.StatusOK {
		tag := fmt.Sprintf(`"%x"`, sha256.Sum256(text))
		h.Set("ETag", tag)
		h.Set("Cache-Control", freshFor)
		if has(r.Header.Get("If-None-Match"), tag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n')) // whoever asked may have gone
}

// has says that the program has the answer of an ETag. A cache between may have made it a weak one.
func has(noneMatch, tag string) bool {
	for one := range strings.SplitSeq(noneMatch, ",") {
		if one = strings.TrimSpace(one); one == "*" || strings.TrimPrefix(one, "W/") == tag {
			return true
		}
	}
	return false
}
