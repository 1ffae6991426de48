package sandbox_test

import (
	"strings"
	"testing"

	"github.com/slipway-dev/slipway/internal/sandbox"
)

// protect are the fields of a protection that GitHub insists on, with some set.
func protect(fields m) m {
	out := m{"required_status_checks": nil, "enforce_admins": true, "required_pull_request_reviews": nil,
		"restrictions": nil}
	for key, value := range fields {
		out[key] = value
	}
	return out
}

func TestAProtectionHolds(t *testing.T) {
	for _, c := range []struct {
		name    string
		rule    m
		who     string
		refused string // by a direct push; empty when it passes
	}{
		{"reviews", protect(m{"required_pull_request_reviews": m{"required_approving_review_count": 1}}), "bob",
			"through a pull request"},
		{"checks", protect(m{"required_status_checks": m{"strict": false, "contexts": []string{"ci"}}}), "bob",
			`"ci" is expected`},
		{"people", protect(m{"restrictions": m{"users": []string{"ada"}, "teams": []string{}, "apps": []string{}}}),
			"bob", "not authorized"},
		{"a person named",
			protect(m{"restrictions": m{"users": []string{"bob"}, "teams": []string{},
				"apps": []string{}}}), "bob", ""},
		{"a team named",
			protect(m{"restrictions": m{"users": []string{}, "teams": []string{"keepers"},
				"apps": []string{}}}), "bob", ""},
		{"a lock", protect(m{"lock_branch": true}), "bob", "locked branch"},
		{"admins too", protect(m{"lock_branch": true}), "ada", "locked branch"},
		{"not for admins", protect(m{"lock_branch": true, "enforce_admins": nil}), "ada", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			st := open(t)
			st.app(404, "GET", repo+"/branches/main/protection", nil)
			st.app(200, "PUT", repo+"/branches/main/protection", c.rule)
			st.app(200, "GET", repo+"/branches/main/protection", nil)
			want(t, st.app(200, "GET", repo+"/branches/main", nil)["protected"], true, "protected")
			_, err := st.As(c.who).Commit(t.Context(), "acme/tool", "main", "", "direct", map[string]string{"x": "x"})
			switch {
			case c.refused == "" && err != nil:
				t.Errorf("refused: %v", err)
			case c.refused != "" && (err == nil || !strings.Contains(err.Error(), c.refused)):
				t.Errorf("%v, want %q", err, c.refused)
			}
			st.app(204, "DELETE", repo+"/branches/main/protection", nil)
			if _, err := st.As("bob").Commit(t.Context(), "acme/tool", "main", "", "direct",
				map[string]string{"y": "y"}); err != nil {
				t.Errorf("still refused without protection: %v", err)
			}
		})
	}
}

func TestAProtectionIsReplacedAsAWhole(t *testing.T) {
	st := open(t)
	st.as("bob", 404, "PUT", repo+"/branches/main/protection", protect(nil))
	st.bad(422, "PUT", repo+"/branches/main/protection", m{"enforce_admins": true})
	st.app(200, "PUT", repo+"/branches/main/protection", protect(m{"lock_branch": true}))
	st.app(200, "PUT", repo+"/branches/main/protection",
		protect(m{"required_status_checks": m{"strict": true, "contexts": []string{},
			"checks": []m{{"context": "ci", "app_id": 15368}}}}))
	now := st.app(200, "GET", repo+"/branches/main/protection", nil)
	want(t, at(now, "lock_branch", "enabled"), false, "the lock of before")
	want(t, at(now, "required_status_checks", "contexts", "0"), "ci", "the check")
}

func TestAMergeWaitsForReviewsAndChecks(t *testing.T) {
	st := open(t)
	st.app(200, "PUT", repo+"/branches/main/protection", protect(m{
		"required_pull_request_reviews": m{"required_approving_review_count": 1}, "required_status_checks": m{
			"strict": false, "contexts": []string{"ci"}},
	}))
	merge := func(want int) { st.as("bob", want, "PUT", repo+"/pulls/2/merge", m{"merge_method": "squash"}) }
	merge(405)
	st.as("bob", 422, "POST", repo+"/pulls/2/reviews", m{"event": "APPROVE"}) // his own
	st.as("eve", 200, "POST", repo+"/pulls/2/reviews", m{"event": "APPROVE"}) // does not count
	merge(405)
	st.as("ada", 200, "POST", repo+"/pulls/2/reviews", m{"event": "REQUEST_CHANGES", "body": "no"})
	approval := st.as("ada", 200, "POST", repo+"/pulls/2/reviews", m{"event": "APPROVE", "body": "yes"})
	merge(405)
	st.app(201, "POST", repo+"/statuses/"+st.branch("topic"), m{"state": "failure", "context": "ci"})
	merge(405)
	st.app(201, "POST", repo+"/statuses/"+st.branch("topic"),
		m{"state": "success", "context": "ci", "description": "all well"})
	want(t, st.app(200, "GET", repo+"/commits/topic/status", nil)["state"], "success", "the sum")
	st.as("ada", 200, "PUT", repo+"/pulls/2/reviews/"+text(approval["id"])+"/dismissals", m{"message": "wait"})
	merge(405)
	st.as("ada", 200, "POST", repo+"/pulls/2/reviews", m{"event": "APPROVE"})
	st.told()
	merge(200)
	wantEvents(t, st, "push", "pull_request closed")
	want(t, len(st.app(200, "GET", repo+"/pulls/2/reviews", nil)["list"].([]any)), 4, "reviews")
	want(t, at(st.app(200, "GET", repo+"/commits/"+st.branch("main")+"/pulls", nil), "list", "0", "number"), 2,
		"the pull request of the commit")
}

func TestARulesetLetsItsBypassThrough(t *testing.T) {
	st := open(t)
	lock := m{
		"name": "frozen", "target": "branch", "enforcement": "active", "conditions": m{
			"ref_name": m{"include": []string{"refs/heads/main"}, "exclude": []string{}}},
		"rules": []m{{"type": "update"}}, "bypass_actors": []m{{"actor_id": 7, "actor_type": "Integration",
			"bypass_mode": "always"}},
	}
	set := st.app(201, "POST", repo+"/rulesets", lock)
	path := repo + "/rulesets/" + text(set["id"])
	push := func() error {
		_, err := st.As("ada").Commit(t.Context(), "acme/tool", "main", "", "direct",
			map[string]string{"x": text(st.branch("main"))})
		return err
	}
	if push() == nil {
		t.Error("a person passed the lock")
	}
	st.app(201, "POST", repo+"/merges", m{"base": "main", "head": "topic"}) // the App passes
	want(t, at(st.app(200, "GET", repo+"/rules/branches/main", nil), "list", "0", "type"), "update", "the rule")
	lock["bypass_actors"] = []m{{"actor_id": 5, "actor_type": "RepositoryRole", "bypass_mode": "always"}}
	st.app(200, "PUT", path, lock)
	if err := push(); err != nil {
		t.Errorf("an admin is held: %v", err)
	}
	lock["target"], lock["conditions"] = "tag", m{"ref_name": m{"include": []string{"~ALL"}, "exclude": []string{}}}
	lock["rules"], lock["bypass_actors"] = []m{{"type": "deletion"}}, []m{}
	st.app(200, "PUT", path, lock)
	st.as("ada", 422, "DELETE", repo+"/git/refs/tags/v1.0.0", nil)
	st.as("ada", 204, "DELETE", repo+"/git/refs/heads/clash", nil)
	st.app(204, "DELETE", path, nil)
	st.as("ada", 204, "DELETE", repo+"/git/refs/tags/v1.0.0", nil)
}

func TestATokenGetsNoMoreThanItWasMadeFor(t *testing.T) {
	st := open(t)
	narrow := "token " + st.installation(t, m{"permissions": m{"issues": "read"}, "repositories": []string{"tool"}})
	st.must(narrow, 200, "GET", repo+"/issues", nil)
	st.must(narrow, 403, "POST", repo+"/issues", m{"title": "x"})
	st.must(narrow, 403, "GET", repo+"/contents/VERSION", nil)
	st.must("token nonsense", 401, "GET", repo+"/issues", nil)
	st.now = noon.Add(61 * 60 * 1e9)
	st.must(narrow, 401, "GET", repo+"/issues", nil)

	less := open(t,
		func(o *sandbox.Options) { o.App.Permissions = map[string]string{"metadata": "read", "issues": "write"} })
	less.app(201, "POST", repo+"/issues", m{"title": "x"})
	less.app(403, "GET", repo+"/actions/runs", nil)
	less.app(403, "PUT", repo+"/branches/main/protection", protect(nil))
}
