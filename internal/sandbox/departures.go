package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// departure is an issue that is not in its repository any more: it was transferred, or deleted when to is nil.
type departure struct {
	to     *repository
	number int
}

// nextIssue is a number that no issue had: those of issues that are gone are not given again.
func (r *repository) nextIssue() int {
	r.LastIssue = max(r.LastIssue, len(r.Issues)) + 1
	return r.LastIssue
}

// depart takes an issue out of its repository.
func (r *repository) depart(is *issue, d departure) {
	if r.Left == nil {
		r.Left = map[int]departure{}
	}
	r.Left[is.Number] = d
	r.Issues = slices.DeleteFunc(r.Issues, func(o *issue) bool { return o == is })
}

// departed answers for an issue that is not there: where it went, that it was deleted, or that there never was one.
func (c *call) departed(number int) error {
	d, known := c.repo.Left[number]
	switch {
	case !known:
		return notFound()
	case d.to == nil:
		return &problem{status: http.StatusGone, message: "This issue was deleted"}
	}
	to := c.s.api("/repositories/%d/issues/%d", d.to.ID, d.number)
	if _, rest, deeper := strings.Cut(c.r.URL.EscapedPath(), fmt.Sprintf("/issues/%d/", number)); deeper {
		to += "/" + rest
	}
	return c.redirect(to)
}

// settings is a call by which an admin of the repository acts, with one of its issues.
func (s *Server) settings(repo string, number int) (*call, *issue, error) {
	r, err := s.repository(repo)
	if err != nil {
		return nil, nil, err
	}
	is := r.issue(number)
	if is == nil {
		return nil, nil, fmt.Errorf("issue %s#%d: %w", repo, number, notFound())
	}
	return &call{ctx: s.background, s: s, repo: r, who: actor{user: s.adminOf(r.Owner)}}, is, nil
}

// TransferIssue moves an issue into another repository, where it gets a new id and number and keeps its comments, and
// of its labels and its milestone those that are there by the same name. The old address leads to the new one.
func (s *Server) TransferIssue(repo string, number int, to string) (moved int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, is, err := s.settings(repo, number)
	if err != nil {
		return 0, err
	}
	target, err := s.repository(to)
	if err != nil {
		return 0, err
	}
	if is.Pull != nil {
		return 0, fmt.Errorf("transfer %s#%d: a pull request stays where it is", repo, number)
	}
	oldIssue := s.renderIssue(c.repo, is)
	there := *is
	there.ID, there.Number, there.Events, there.Labels, there.Milestone = s.nextID(), target.nextIssue(), nil, nil, nil
	for _, l := range is.Labels {
		if same := target.label(l.Name); same != nil {
			there.Labels = append(there.Labels, same)
		}
	}
	for _, m := range target.Milestones {
		if is.Milestone != nil && m.Title == is.Milestone.Title {
			there.Milestone = m
		}
	}
	c.repo.depart(is, departure{target, there.Number})
	target.Issues = append(target.Issues, &there)
	newIssue := s.renderIssue(target, &there)
	s.emit(c.repo, "issues", "transferred", c.who.user, map[string]any{
		"issue": oldIssue, "changes": map[string]any{"new_issue": newIssue,
			"new_repository": s.renderRepository(target)},
	})
	s.emit(target, "issues", "opened", c.who.user, map[string]any{
		"issue": newIssue, "changes": map[string]any{"old_issue": oldIssue,
			"old_repository": s.renderRepository(c.repo)},
	})
	return there.Number, nil
}

// DeleteIssue takes an issue away for good: it is answered 410 from then on.
func (s *Server) DeleteIssue(repo string, number int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, is, err := s.settings(repo, number)
	if err != nil {
		return err
	}
	if is.Pull != nil {
		return fmt.Errorf("delete %s#%d: a pull request cannot be deleted", repo, number)
	}
	shown := s.renderIssue(c.repo, is)
	c.repo.depart(is, departure{})
	s.emit(c.repo, "issues", "deleted", c.who.user, map[string]any{"issue": shown})
	return nil
}
