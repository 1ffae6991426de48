package sandbox

import (
	"path"
	"slices"
	"strings"
)

// update is a change of a reference that somebody wants: an empty before is a new reference, an empty after a deletion.
// pull is the pull request that is merged by it.
type update struct {
	ref, before, after string
	pull               *issue
}

func (u update) creates() bool { return u.before == "" }
func (u update) deletes() bool { return u.after == "" }
func (u update) moves() bool   { return !u.creates() && !u.deletes() }

// obey holds a change of a reference against the protection of its branch and the rulesets. What it refuses is worded
// as GitHub words it.
func (s *Server) obey(c *call, ref, before, after string, pull *issue) error {
	u := update{ref, before, after, pull}
	if p := c.repo.Protections[strings.TrimPrefix(ref, "refs/heads/")]; p != nil &&
		strings.HasPrefix(ref, "refs/heads/") {
		if why := s.unprotected(c, p, u); why != "" {
			return unprocessable("Protected branch update failed for " + ref + ".\n\n" + why)
		}
	}
	for _, set := range c.repo.Rulesets {
		if !set.covers(c.repo, ref) || s.passes(c.repo, set, c.who, pull != nil) {
			continue
		}
		for _, one := range set.Rules {
			if why := s.violated(c, one, u); why != "" {
				return unprocessable("Repository rule violations found\n\n" + why + " (ruleset \"" + set.Name + "\")")
			}
		}
	}
	return nil
}

func (set *ruleset) covers(r *repository, ref string) bool {
	kind := "refs/heads/"
	if set.Target == "tag" {
		kind = "refs/tags/"
	}
	hit := func(patterns []string) bool {
		return slices.ContainsFunc(patterns, func(p string) bool {
			switch p {
			case "~ALL":
				return true
			case "~DEFAULT_BRANCH":
				return ref == "refs/heads/"+r.DefaultBranch
			}
			matched, _ := path.Match(p, ref)
			return matched
		})
	}
	return strings.HasPrefix(ref, kind) && set.Enforcement == "active" && hit(set.Include) && !hit(set.Exclude)
}

// roleIDs are the repository roles by which a ruleset lets people pass (docs.github.com, REST API endpoints for rules).
var roleIDs = map[int64]string{2: "maintain", 4: "write", 5: "admin"}

// passes says that the actor may go around the ruleset.
func (s *Server) passes(r *repository, set *ruleset, who actor, merging bool) bool {
	return slices.ContainsFunc(set.Bypass, func(b bypass) bool {
		if b.Mode == "pull_request" && !merging {
			return false
		}
		switch b.ActorType {
		case "Integration":
			return who.app && b.ActorID != nil && *b.ActorID == s.o.App.ID
		case "OrganizationAdmin":
			return !who.app && s.level(r, who.user.Login) == "admin"
		case "RepositoryRole":
			least := ""
			if b.ActorID != nil {
				least = roleIDs[*b.ActorID]
			}
			return !who.app && least != "" && s.can(r, who, least)
		}
		return false
	})
}

// violated says why a rule forbids an update; empty when it does not.
func (s *Server) violated(c *call, one rule, u update) string {
	switch {
	case one.Type == "update" && u.moves():
		return "Cannot update this protected ref."
	case one.Type == "deletion" && u.deletes():
		return "Cannot delete this branch"
	case one.Type == "creation" && u.creates():
		return "Cannot create ref due to creations being restricted."
	case one.Type == "non_fast_forward" && u.moves() && u.pull == nil &&
		!c.repo.Git.IsAncestor(c.ctx, u.before, u.after):
		return "Cannot force-push to this branch"
	case one.Type == "required_status_checks" && u.moves():
		return s.missingCheck(c, one, u.after)
	case one.Type == "pull_request" && u.moves():
		count, _ := one.Parameters["required_approving_review_count"].(float64)
		return approved(u.pull, int(count))
	}
	return ""
}

// missingCheck names a required check that the commit lacks.
func (s *Server) missingCheck(c *call, r rule, sha string) string {
	required, _ := r.Parameters["required_status_checks"].([]any)
	for _, one := range required {
		want, _ := one.(map[string]any)
		name, _ := want["context"].(string)
		id, _ := want["integration_id"].(float64)
		if !c.repo.passed(sha, name, int64(id)) {
			return "Required status check \"" + name + "\" is expected."
		}
	}
	return ""
}

// passed says that the newest check run or status of that name succeeded on a commit; app is 0 for any App.
func (r *repository) passed(sha, name string, app int64) bool {
	for _, k := range slices.Backward(r.Checks) {
		if k.SHA == sha && k.Name == name && (app <= 0 || app == k.AppID) {
			return slices.Contains([]string{"success", "neutral", "skipped"}, k.Conclusion)
		}
	}
	for _, t := range slices.Backward(r.Statuses) {
		if t.SHA == sha && t.Context == name && app <= 0 {
			return t.State == "success"
		}
	}
	return false
}

// approved says what a merge lacks: a pull request at all, or approvals.
func approved(pull *issue, count int) string {
	if pull == nil {
		return "Changes must be made through a pull request."
	}
	if have := pull.Pull.approvals(); have < count {
		return "At least " + plural(count, "approving review") + needed(count) + " required by reviewers with write " +
			"access."
	}
	return ""
}
