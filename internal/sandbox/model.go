package sandbox

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/internal/sandbox/gitrepo"
)

// The model is plain structs behind the server's one mutex. Only git objects and references live elsewhere: in the
// real repositories.

type account struct {
	ID    int64
	Login string
	Type  string // User, Bot, Organization
}

type team struct {
	Slug    string
	Members []string
}

type label struct {
	ID                       int64
	Name, Color, Description string
}

type milestone struct {
	ID                        int64
	Number                    int
	Title, Description, State string
	Creator                   *account
	Created, Updated          time.Time
	Due, Closed               *time.Time
}

type comment struct {
	ID               int64
	User             *account
	Body             string
	App              bool   // written by the App
	Minimized        string // the classifier by which it is hidden; empty when it is shown
	Created, Updated time.Time
	Reactions        []reaction
}

type reaction struct {
	ID      int64
	User    *account
	Content string
	Created time.Time
}

type issue struct {
	ID               int64
	Number           int
	Title, Body      string
	State            string
	User             *account
	Assignees        []*account
	Labels           []*label
	Milestone        *milestone
	Comments         []*comment
	Reactions        []reaction
	Events           []issueEvent
	Created, Updated time.Time
	Closed           *time.Time
	Locked           bool
	App              bool  // opened by the App
	Pull             *pull // nil for a plain issue
}

type pull struct {
	Head, Base string // branch names
	// Fork is the repository of the head, nil where that is the repository itself. Only what pull requests bring of it is
	// here, under refs/pull/, where GitHub has it too.
	Fork     *repository
	BaseSHA  string
	Draft    bool
	Reviews  []*review
	Merged   *time.Time
	MergedBy *account
	MergeSHA string
	HeadSHA  string // kept when the branch is gone
}

type publication struct {
	ID                        int64
	Tag, Name, Body, Target   string
	Draft, Prerelease, Latest bool
	Author                    *account
	Created                   time.Time
	Published                 *time.Time
	Assets                    []*asset
}

type rule struct {
	Type       string         `json:"type"`
	Parameters map[string]any `json:"parameters,omitempty"`
}

type bypass struct {
	ActorID   *int64 `json:"actor_id"`
	ActorType string `json:"actor_type"`
	Mode      string `json:"bypass_mode"`
}

type ruleset struct {
	ID               int64
	Name             string
	Target           string // branch, tag
	Enforcement      string
	Include, Exclude []string
	Rules            []rule
	Bypass           []bypass
	Created, Updated time.Time
}

type check struct {
	ID                                      int64
	SHA, Name, Status, Conclusion, External string
	Title, Summary                          string
	Annotations                             []annotation
	AppID, Suite                            int64
	Started, Completed                      *time.Time
}

// annotation is a remark of a check run at lines of a file.
type annotation struct {
	Path        string `json:"path"`
	StartLine   int    `json:"start_line"`
	EndLine     int    `json:"end_line"`
	StartColumn int    `json:"start_column"` // 0 for none
	EndColumn   int    `json:"end_column"`
	Level       string `json:"annotation_level"`
	Title       string `json:"title"`
	Message     string `json:"message"`
}

type repository struct {
	ID                       int64
	Owner                    *account
	Name, DefaultBranch      string
	Created, Updated, Pushed time.Time
	Git                      *gitrepo.Repo
	Collaborators            map[string]string // login to admin, maintain, write, triage, read
	Labels                   []*label
	Milestones               []*milestone
	LastMilestone            int // the highest number that a milestone had
	Issues                   []*issue
	LastIssue                int               // the highest number that an issue had
	Left                     map[int]departure // the issues that are not here any more, by number
	Unselected               bool              // the App's installation leaves it out
	Private                  bool              // only its collaborators and its installation see it
	Fork                     bool              // of the head of a pull request, and known for nothing else
	Releases                 []*publication
	Rulesets                 []*ruleset
	Protections              map[string]*protection // by branch
	Checks                   []*check
	Statuses                 []*status
	Workflows                []*workflow
	Runs                     []*run
}

func (r *repository) full() string { return r.Owner.Login + "/" + r.Name }

func (r *repository) issue(n int) *issue {
	i := slices.IndexFunc(r.Issues, func(is *issue) bool { return is.Number == n })
	if i < 0 {
		return nil
	}
	return r.Issues[i]
}

func (r *repository) milestone(n int) *milestone {
	i := slices.IndexFunc(r.Milestones, func(m *milestone) bool { return m.Number == n })
	if i < 0 {
		return nil
	}
	return r.Milestones[i]
}

func (r *repository) label(name string) *label {
	i := slices.IndexFunc(r.Labels, func(l *label) bool { return strings.EqualFold(l.Name, name) })
	if i < 0 {
		return nil
	}
	return r.Labels[i]
}

func (r *repository) comment(id int64) (*issue, *comment) {
	for _, is := range r.Issues {
		for _, c := range is.Comments {
			if c.ID == id {
				return is, c
			}
		}
	}
	return nil, nil
}

// counts are the open and closed items of a milestone.
func (r *repository) counts(m *milestone) (open, closed int) {
	for _, is := range r.Issues {
		switch {
		case is.Milestone != m:
		case is.State == "open":
			open++
		default:
			closed++
		}
	}
	return open, closed
}

// levels orders the permissions of people.
var levels = []string{"none", "read", "triage", "write", "maintain", "admin"}

func (s *Server) level(repo *repository, login string) string {
	for name, level := range repo.Collaborators {
		if strings.EqualFold(name, login) {
			return level
		}
	}
	if repo.Private {
		return "none"
	}
	return "read"
}

// sees says that who asks may know of the repository. A token that was made for others sees what everybody sees.
func (c *call) sees(r *repository) bool {
	switch in := c.s.installations[c.installation]; {
	case !r.Private:
		return true
	case c.installation != 0:
		return in != nil && in.covers(r) && !c.narrowed(r.ID)
	}
	return c.who.app || c.s.can(r, c.who, "read")
}

func (s *Server) can(repo *repository, who actor, least string) bool {
	if who.app {
		return true // Apps are held to the permissions of their routes
	}
	return who.user != nil && slices.Index(levels, s.level(repo, who.user.Login)) >= slices.Index(levels, least)
}

// actor is who acts.
type actor struct {
	user *account
	app  bool
}

func (s *Server) nextID() int64 {
	s.id++
	if s.lag.born != nil {
		s.noteCreation(idKey(s.id))
	}
	return s.id
}

// nextRequest is the id of a request, of which nothing is kept.
func (s *Server) nextRequest() int64 {
	s.id++
	return s.id
}

func nodeID(kind string, id int64) string { return fmt.Sprintf("%s_%d", kind, id) }
