package tracker

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"

	"golang.org/x/mod/semver"

	"github.com/slipway-dev/slipway/release/ledger"
	"github.com/slipway-dev/slipway/release/step"
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
	Embargoed  bool     `json:"embargoed,omitempty"`
}

// API answers what programs ask of the ledger. It tells of public repositories only, and nothing that an issue under
// embargo hides. find gives the installation of a repository.
func (t *Tracker) API(find func(ctx context.Context, repo string) (int64, error)) http.Handler {
	mux := http.NewServeMux()
	serve := func(answer func(r *http.Request, repo string, issues []ledger.Known, tags, maintained []string) (any, *refusal)) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			repo := r.PathValue("owner") + "/" + r.PathValue("repo")
			issues, tags, maintained, err := t.open(r.Context(), find, repo)
			if errors.Is(err, step.ErrGone) {
				respond(w, http.StatusNotFound, map[string]any{"message": "no such public repository with " + ledger.File})
				return
			}
			if err != nil {
				t.Log.Error().Err(err).Str("repository", repo).Msg("the ledger could not be read")
				respond(w, http.StatusBadGateway, map[string]any{"message": "GitHub could not be asked; try again in a minute"})
				return
			}
			body, no := answer(r, repo, issues, tags, maintained)
			if no != nil {
				respond(w, http.StatusNotFound, map[string]any{"message": no.why, "fix": no.fix})
				return
			}
			respond(w, http.StatusOK, body)
		}
	}
	mux.HandleFunc("GET /api/v1/repos/{owner}/{repo}/affected/{version}", serve(affected))
	mux.HandleFunc("GET /api/v1/repos/{owner}/{repo}/osv", serve(func(_ *http.Request, repo string, issues []ledger.Known, tags, maintained []string) (any, *refusal) {
		out := []ledger.OSV{}
		for _, is := range issues {
			// What is under embargo is not told to those who look for holes by program.
			if spans := is.Spans(maintained); len(spans) > 0 && !is.Embargoed {
				out = append(out, ledger.Export(repo, is.Issue, spans, tags))
			}
		}
		return out, nil
	}))
	return mux
}

func affected(r *http.Request, _ string, issues []ledger.Known, tags, maintained []string) (any, *refusal) {
	version := r.PathValue("version")
	if semver.IsValid("v" + version) {
		version = "v" + version
	}
	if !semver.IsValid(version) || !slices.Contains(tags, version) {
		return nil, &refusal{why: "there is no version " + version, fix: "ask for a tag of the repository, for example v1.30.4"}
	}
	out := []hit{}
	for _, is := range issues {
		spans := is.Spans(maintained)
		if !ledger.Has(spans, version) {
			continue
		}
		h := hit{Number: is.Number, Title: is.Title, URL: is.URL, State: is.State, Priority: append([]string{}, is.Under(ledger.PriorityPrefix)...), SIGs: append([]string{}, is.Under(ledger.SIGPrefix)...), Embargoed: is.Embargoed}
		if is.Embargoed {
			h.Title, h.SIGs = "security fix, under embargo", []string{}
		}
		for _, s := range spans {
			if s.Minor == ledger.MinorOf(version) && !is.Embargoed {
				h.ResolvedIn = s.Until
			}
		}
		out = append(out, h)
	}
	return map[string]any{"version": version, "issues": out}, nil
}

// open reads the ledger of a public repository; one that is not, or keeps none, is step.ErrGone.
func (t *Tracker) open(ctx context.Context, find func(context.Context, string) (int64, error), repo string) (issues []ledger.Known, tags, maintained []string, err error) {
	id, err := find(ctx, repo)
	if err != nil {
		return nil, nil, nil, err
	}
	gh := t.GitHub(id)
	public, err := gh.Public(ctx, repo)
	if err != nil {
		return nil, nil, nil, err
	}
	p, on, problem, err := t.policy(ctx, gh, repo)
	if err != nil {
		return nil, nil, nil, err
	}
	if !public || !on || problem != "" {
		return nil, nil, nil, step.ErrGone
	}
	if tags, err = versions(ctx, gh, repo); err != nil {
		return nil, nil, nil, err
	}
	found, err := gh.Issues(ctx, repo, step.IssueFilter{Label: p.Labels.Tracked})
	if err != nil {
		return nil, nil, nil, err
	}
	for _, is := range found {
		known, err := t.known(ctx, repo, read(p, is))
		if err != nil {
			return nil, nil, nil, err
		}
		if known.Tracked() {
			issues = append(issues, known)
		}
	}
	slices.SortFunc(issues, func(a, b ledger.Known) int { return a.Number - b.Number })
	return issues, tags, p.MaintainedLines(tags), nil
}

func respond(w http.ResponseWriter, status int, body any) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
