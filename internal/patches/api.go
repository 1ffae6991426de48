package patches

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"

	"golang.org/x/mod/semver"

	rules "github.com/slipway-dev/slipway/release/patches"
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

// API answers what programs ask about patch-release issues. It tells of public repositories only, and nothing that an
// issue under embargo hides. find gives the installation of a repository.
func (p *Patches) API(find func(ctx context.Context, repo string) (int64, error)) http.Handler {
	mux := http.NewServeMux()
	serve := func(of func(r *http.Request, l listing) answer) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			repo := r.PathValue("owner") + "/" + r.PathValue("repo")
			l, err := p.listing(r.Context(), find, repo)
			if errors.Is(err, step.ErrGone) {
				respond(w, http.StatusNotFound,
					map[string]any{"message": "no such public repository with " + rules.File})
				return
			}
			if err != nil {
				p.Log.Error().Err(err).Str("repository", repo).Msg("patch-release issues not read")
				respond(w, http.StatusBadGateway,
					map[string]any{"message": "GitHub could not be asked; try again in a minute"})
				return
			}
			a := of(r, l)
			if a.why != "" {
				respond(w, http.StatusNotFound, map[string]any{"message": a.why, "fix": a.fix})
				return
			}
			respond(w, http.StatusOK, a.body)
		}
	}
	mux.HandleFunc("GET /api/v1/repos/{owner}/{repo}/affected/{version}", serve(affected))
	mux.HandleFunc("GET /api/v1/repos/{owner}/{repo}/osv", serve(osv))
	return mux
}

func osv(_ *http.Request, l listing) answer {
	out := []rules.OSV{}
	for _, is := range l.issues {
		// What is under embargo is not told to those who look for holes by program.
		if spans := is.Spans(l.maintained); len(spans) > 0 && !is.Embargoed {
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
		Number: is.Number, Title: is.Title, URL: is.URL, State: is.State, Embargoed: is.Embargoed,
		Priority: append([]string{}, is.Under(rules.PriorityPrefix)...),
		SIGs:     append([]string{}, is.Under(rules.SIGPrefix)...),
	}
	if is.Embargoed {
		h.Title, h.SIGs = "security fix, under embargo", []string{}
		return h
	}
	for _, s := range spans {
		if s.Minor == rules.MinorOf(version) {
			h.ResolvedIn = s.Until
		}
	}
	return h
}

// listing reads that of a public repository; one that is not, or keeps no patch-release issues, is step.ErrGone.
func (p *Patches) listing(
	ctx context.Context, find func(context.Context, string) (int64, error), repo string,
) (listing, error) {
	id, err := find(ctx, repo)
	if err != nil {
		return listing{}, err
	}
	gh := p.GitHub(id)
	public, err := gh.Public(ctx, repo)
	if err != nil {
		return listing{}, err
	}
	policy, state, err := p.policy(ctx, gh, repo)
	if err != nil {
		return listing{}, err
	}
	if !public || !state.usable() {
		return listing{}, step.ErrGone
	}
	l := listing{repo: repo}
	if l.tags, err = versions(ctx, gh, repo); err != nil {
		return l, err
	}
	// Lines that get no patches any more have the problem all the same.
	l.maintained = rules.Lines(l.tags, policy.MaintainedLines(l.tags))
	found, err := gh.Issues(ctx, repo, step.IssueFilter{Label: policy.Labels.Tracked})
	if err != nil {
		return l, err
	}
	issues := make([]rules.Issue, len(found))
	for i, is := range found {
		issues[i] = read(policy, is)
	}
	known, _, err := p.Store.RepositoryNamed(ctx, repo)
	if err != nil {
		return l, err
	}
	if l.issues, err = p.known(ctx, known.ID, issues); err != nil {
		return l, err
	}
	slices.SortFunc(l.issues, func(a, b rules.Known) int { return a.Number - b.Number })
	return l, nil
}

func respond(w http.ResponseWriter, status int, body any) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // whoever asked may have gone
}
