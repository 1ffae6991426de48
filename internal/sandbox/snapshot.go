package sandbox

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Snapshot is what a repository looks like: plain values in a stable order.
type Snapshot struct {
	Branches, Tags map[string]string // name to commit
	Releases       []SnapRelease
	Milestones     []SnapMilestone
	Issues         []SnapIssue
	Rulesets       []string
	Checks         []string
}

// SnapRelease is a release in a snapshot.
type SnapRelease struct {
	Tag, Name, Target, Body   string
	Draft, Prerelease, Latest bool
}

// SnapMilestone is a milestone in a snapshot.
type SnapMilestone struct{ Title, State, Due string }

// SnapIssue is an issue or pull request in a snapshot.
type SnapIssue struct {
	Number                        int
	Title, State, Body, Milestone string
	Labels                        []string
	Pull, Merged, Locked          bool
	Comments                      []SnapComment
}

// SnapComment is a comment in a snapshot.
type SnapComment struct {
	ID, AuthorID int64
	Author, Body string
	At           time.Time // when it was written
	Minimized    bool
	Reactions    []string
}

// Snapshot looks at a repository.
func (s *Server) Snapshot(ctx context.Context, name string) (Snapshot, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.repos[strings.ToLower(name)]
	if r == nil {
		return Snapshot{}, fmt.Errorf("snapshot of %s: %w", name, notFound())
	}
	out := Snapshot{Branches: map[string]string{}, Tags: map[string]string{}}
	refs, err := r.Git.Refs(ctx, "refs/")
	if err != nil {
		return out, err
	}
	for _, ref := range refs {
		if branch, ok := strings.CutPrefix(ref.Name, "refs/heads/"); ok {
			out.Branches[branch] = ref.SHA
		} else if tag, ok := strings.CutPrefix(ref.Name, "refs/tags/"); ok {
			out.Tags[tag] = ref.Peeled
		}
	}
	for _, p := range r.Releases {
		out.Releases = append(out.Releases, SnapRelease{Tag: p.Tag, Name: p.Name, Target: p.Target, Body: p.Body,
			Draft: p.Draft, Prerelease: p.Prerelease, Latest: p.Latest})
	}
	for _, m := range r.Milestones {
		due := ""
		if m.Due != nil {
			due = m.Due.UTC().Format("2006-01-02")
		}
		out.Milestones = append(out.Milestones, SnapMilestone{m.Title, m.State, due})
	}
	for _, set := range r.Rulesets {
		out.Rulesets = append(out.Rulesets, set.Name)
	}
	for _, k := range r.Checks {
		check := fmt.Sprintf("%s %s at %s", k.Name, k.Conclusion, k.SHA)
		if n := len(k.Annotations); n > 0 {
			check += fmt.Sprintf(" with %d annotations", n)
		}
		out.Checks = append(out.Checks, check)
	}
	for _, is := range r.Issues {
		snap := SnapIssue{Number: is.Number, Title: is.Title, State: is.State, Body: is.Body, Pull: is.Pull != nil,
			Locked: is.Locked}
		if is.Milestone != nil {
			snap.Milestone = is.Milestone.Title
		}
		snap.Merged = is.Pull != nil && is.Pull.Merged != nil
		for _, l := range is.Labels {
			snap.Labels = append(snap.Labels, l.Name)
		}
		for _, m := range is.Comments {
			c := SnapComment{ID: m.ID, AuthorID: m.User.ID, Author: m.User.Login, Body: m.Body, At: m.Created,
				Minimized: m.Minimized != ""}
			for _, re := range m.Reactions {
				c.Reactions = append(c.Reactions, re.Content)
			}
			slices.Sort(c.Reactions)
			snap.Comments = append(snap.Comments, c)
		}
		out.Issues = append(out.Issues, snap)
	}
	return out, nil
}

// Repositories are the full names of all repositories, in order.
func (s *Server) Repositories() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	for _, r := range s.repos {
		names = append(names, r.full())
	}
	slices.Sort(names)
	return names
}

// RepositoryID is the id of a repository, which its renaming and its transfer leave as it is; 0 when there is none.
func (s *Server) RepositoryID(name string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.repos[strings.ToLower(name)]; r != nil {
		return r.ID
	}
	return 0
}

// InstallationOf is the id of the App's installation in an organisation, 0 when there is none.
func (s *Server) InstallationOf(org string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if in := s.installation(s.users[strings.ToLower(org)]); in != nil {
		return in.ID
	}
	return 0
}
