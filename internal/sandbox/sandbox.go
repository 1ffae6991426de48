// Package sandbox is a GitHub lookalike on real git repositories, for trying Slipway and for testing it.
//
// It serves the part of GitHub's REST API that Slipway and a release manager need, App authentication with enforced
// permissions, signed webhooks with redelivery, and clone and push. It must not flatter the bot: its answers, and
// the bot's requests, are held against GitHub's own description in test/contract.
//
// To add an endpoint: write a method handle...(c *call) (reply, error) beside the others of its resource and give it a
// row in a table of routes (routes.go), with the App permission that GitHub asks for. One mutex is held during a call,
// so a handler may read and change the model freely. Effects that GitHub tells webhooks about call emit. What a person
// does on the page or in a test goes through User (user.go) and the same handlers.
package sandbox

import (
	"context"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/internal/sandbox/gitrepo"
)

// Options are what a sandbox is made of.
type Options struct {
	Dir   string // repositories live in Dir/git/OWNER/REPO.git
	URL   string // how it is reached: http://127.0.0.1:4100
	Clock func() time.Time
	Log   zerolog.Logger
	App   App
	Hook  HookTarget
	// Limits are those that an installation is held to; the zero value holds to none.
	Limits Limits
	// TokenLife is how long the token of an installation lives; zero is GitHub's hour. Where the sandbox's clock stands
	// still it has to be longer: the bot knows the end of a token by real time.
	TokenLife time.Duration
	// LagClock is by which Lag and LagSingle measure; nil is time.Now, since the sandbox's clock may stand still.
	LagClock func() time.Time
}

// App is the GitHub App that is installed in every organisation of the sandbox.
type App struct {
	ID          int64
	Slug        string
	PublicKey   *rsa.PublicKey
	Permissions map[string]string // "contents": "write"
	Events      []string
}

// HookTarget is where the App's webhooks go. An empty URL keeps them in the list of deliveries.
type HookTarget struct {
	URL, Secret string
	Client      *http.Client
}

// Server is one sandbox.
type Server struct {
	o             Options
	mu            sync.Mutex
	id            int64
	users         map[string]*account
	teams         map[string][]team // by organisation
	repos         map[string]*repository
	moved         map[string]*repository  // by the names that they had before
	installations map[int64]*installation // by id
	tokens        map[string]token
	uses          []*TokenUse
	deliveries    []*delivery
	hookLog       hookLog
	appShown      json.RawMessage // the App as each of its comments shows it, until its permissions change
	lag           lag
	mute          bool
	faults        faults
	outbox        chan *delivery
	sent          *sync.Cond
	unsent        int
	closed        chan struct{}
	mux           http.Handler
	background    context.Context // of what happens without a request
	spent         map[int64]*spending
	proxy         proxy
	registry      http.Handler
}

// token is an installation's, perhaps narrowed to some permissions and repositories.
type token struct {
	installation int64
	expires      time.Time
	permissions  map[string]string
	repos        []int64 // empty for all
	use          *TokenUse
}

// TokenUse is what a token of an installation was asked for, and what of it was needed.
type TokenUse struct {
	// Repos are the ids of the repositories that were named; none is all.
	Repos []int64
	// Asked are the permissions that were named, nil where none were. Used are those that answered requests needed, with
	// the highest level.
	Asked, Used map[string]string
}

// Tokens are all that were asked for, in order.
func (s *Server) Tokens() []TokenUse {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]TokenUse, len(s.uses))
	for i, u := range s.uses {
		out[i] = TokenUse{u.Repos, u.Asked, maps.Clone(u.Used)}
	}
	return out
}

// note remembers that a request needed a permission.
func (u *TokenUse) note(needs string) {
	name, level, _ := strings.Cut(needs, ":")
	if name != "" && u.Used[name] != "write" {
		u.Used[name] = level
	}
}

// New makes an empty sandbox; Seed fills it.
func New(o Options) *Server {
	if o.LagClock == nil {
		o.LagClock = time.Now
	}
	s := &Server{
		o: o, id: 1000, users: map[string]*account{}, teams: map[string][]team{}, repos: map[string]*repository{},
		moved:         map[string]*repository{},
		installations: map[int64]*installation{}, tokens: map[string]token{}, outbox: make(chan *delivery,
			1<<14), closed: make(chan struct{}),
		background: context.Background(), spent: map[int64]*spending{}, proxy: proxy{map[string]served{},
			map[string]time.Time{}},
	}
	s.sent, s.registry = sync.NewCond(&s.mu), images()
	s.users[s.botLogin()] = &account{ID: s.nextID(), Login: s.botLogin(), Type: "Bot"}
	s.mux = s.handler()
	go s.send()
	return s
}

// Close stops sending webhooks and ends what git runs for the repositories. Their files stay.
func (s *Server) Close() error {
	close(s.closed)
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, r := range s.repos {
		errs = append(errs, r.Git.Close())
	}
	return errors.Join(errs...)
}

func (s *Server) botLogin() string { return s.o.App.Slug + "[bot]" }

// Handler is the whole of it: /api/v3/..., /OWNER/REPO.git/..., the Go modules below ProxyPath, and images below /v2/.
func (s *Server) Handler() http.Handler { return s.mux }

// SetHook says where webhooks go from now on.
func (s *Server) SetHook(h HookTarget) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.o.Hook = h
}

func (s *Server) now() time.Time { return s.o.Clock().UTC().Truncate(time.Second) }

func (s *Server) api(format string, args ...any) string {
	return s.o.URL + "/api/v3" + escape(format, args...)
}

func (s *Server) html(format string, args ...any) string { return s.o.URL + escape(format, args...) }

// escape fills a path; text is escaped, slashes stay.
func escape(format string, args ...any) string {
	for i, a := range args {
		if text, ok := a.(string); ok {
			parts := strings.Split(text, "/")
			for j := range parts {
				parts[j] = url.PathEscape(parts[j])
			}
			args[i] = strings.Join(parts, "/")
		}
	}
	return fmt.Sprintf(format, args...)
}

// Seed is what a sandbox begins with. It makes no webhooks.
type Seed struct {
	// Others are further organisations, in which the App is installed as well.
	Others []Seed
	Org    string
	Users  []string
	Teams  map[string][]string // slug to members
	Repos  []SeedRepo
	// Images are in their registries.
	Images []string
}

// SeedRepo is a repository to begin with.
type SeedRepo struct {
	Name, DefaultBranch string
	Private             bool // the owner's people and the App see it, and nobody else
	Unselected          bool // the App is not installed in it
	Collaborators       map[string]string
	Labels              []string
	// Clone is the history that Commits go on from; its zero value is none.
	Clone   SeedClone
	Commits []SeedCommit
	Issues  []SeedIssue
}

// SeedClone is the history of a repository on this machine: its folder of objects, which is only read, and references
// by their full names.
type SeedClone struct {
	Objects string
	Refs    map[string]string
}

// SeedCommit is a commit on Branch (the default branch when empty); From begins a new branch at a tag or branch.
type SeedCommit struct {
	Branch, From, Message, Author string
	Files                         map[string]string
	Tags                          []string
	Released                      bool // the first tag has a published release
}

// SeedIssue is an issue to begin with, or a pull request when Branch is set. Its author assigned its assignees.
type SeedIssue struct {
	Title, Body, Author string
	Assignees, Labels   []string
	Milestone           string
	Branch              string
}

// Seed fills the sandbox.
func (s *Server) Seed(ctx context.Context, seed Seed) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seed(ctx, seed)
}

func (s *Server) seed(ctx context.Context, seed Seed) error {
	org := s.account(seed.Org, "Organization")
	s.install(org)
	for _, login := range seed.Users {
		s.account(login, kindOf(login))
	}
	for slug, members := range seed.Teams {
		s.teams[org.Login] = append(s.teams[org.Login], team{slug, members})
	}
	for _, r := range seed.Repos {
		if err := s.seedRepo(ctx, org, r); err != nil {
			return fmt.Errorf("seed %s/%s: %w", seed.Org, r.Name, err)
		}
	}
	for _, reference := range seed.Images {
		if err := s.PushImage(ctx, reference); err != nil {
			return fmt.Errorf("seed the image %s: %w", reference, err)
		}
	}
	for _, other := range seed.Others {
		if err := s.seed(ctx, other); err != nil {
			return err
		}
	}
	return nil
}

// kindOf is the type of a seeded user: the logins of Apps end in [bot].
func kindOf(login string) string {
	if strings.HasSuffix(login, "[bot]") {
		return "Bot"
	}
	return "User"
}

func (s *Server) account(login, kind string) *account {
	if a, ok := s.users[strings.ToLower(login)]; ok {
		return a
	}
	a := &account{ID: s.nextID(), Login: login, Type: kind}
	s.users[strings.ToLower(login)] = a
	return a
}

func (s *Server) seedRepo(ctx context.Context, org *account, seed SeedRepo) error {
	dir := gitrepo.Path(filepath.Join(s.o.Dir, "git"), org.Login, seed.Name)
	git, err := gitrepo.Init(ctx, dir, seed.DefaultBranch)
	if err != nil {
		return err
	}
	if seed.Clone.Objects != "" {
		if err := git.Borrow(seed.Clone.Objects, seed.Clone.Refs); err != nil {
			return err
		}
	}
	repo := &repository{
		ID: s.nextID(), Owner: org, Name: seed.Name, DefaultBranch: seed.DefaultBranch, Git: git,
		Private: seed.Private, Unselected: seed.Unselected,
		Collaborators: seed.Collaborators, Created: s.now(), Updated: s.now(), Pushed: s.now(),
	}
	s.repos[strings.ToLower(repo.full())] = repo
	for _, name := range seed.Labels {
		repo.Labels = append(repo.Labels, &label{ID: s.nextID(), Name: name, Color: "ededed"})
	}
	when := s.now().Add(-time.Duration(len(seed.Commits)) * 24 * time.Hour)
	for _, c := range seed.Commits {
		when = when.Add(24 * time.Hour)
		if err := s.seedCommit(ctx, repo, c, when); err != nil {
			return err
		}
	}
	for _, i := range seed.Issues {
		if err := s.seedIssue(ctx, repo, i); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) seedCommit(ctx context.Context, repo *repository, c SeedCommit, when time.Time) error {
	branch := c.Branch
	if branch == "" {
		branch = repo.DefaultBranch
	}
	parent, err := repo.Git.Resolve(ctx, "refs/heads/"+branch)
	old := parent
	if err != nil && c.From != "" {
		if parent, err = repo.Git.Resolve(ctx, c.From); err != nil {
			return err
		}
	}
	sha := parent
	if len(c.Files) > 0 {
		if sha, err = s.commitFiles(ctx, repo, parent, c.Message, c.Author, c.Files, when); err != nil {
			return err
		}
	}
	if err := repo.Git.SetRef(ctx, "refs/heads/"+branch, sha, old); err != nil {
		return err
	}
	for i, tag := range c.Tags {
		if err := repo.Git.SetRef(ctx, "refs/tags/"+tag, sha, ""); err != nil {
			return err
		}
		if c.Released && i == 0 {
			repo.Releases = append(repo.Releases, &publication{ID: s.nextID(), Tag: tag, Name: tag, Target: branch,
				Author: s.account(c.Author, "User"), Created: when, Published: &when})
		}
	}
	return nil
}

func (s *Server) commitFiles(ctx context.Context, repo *repository, parent, message, author string,
	files map[string]string, when time.Time) (string, error) {
	var changes []gitrepo.TreeChange
	for path, content := range files {
		changes = append(changes, gitrepo.TreeChange{Path: path, Content: &content})
	}
	tree, err := repo.Git.WriteTree(ctx, parent, changes)
	if err != nil {
		return "", err
	}
	var parents []string
	if parent != "" {
		parents = []string{parent}
	}
	who := gitrepo.Signature{Name: author, Email: author + "@example.org", When: when}
	return repo.Git.WriteCommit(ctx, tree, parents, who, who, message)
}

func (s *Server) seedIssue(ctx context.Context, repo *repository, seed SeedIssue) error {
	is := &issue{
		ID: s.nextID(), Number: repo.nextIssue(), Title: seed.Title, Body: seed.Body, State: "open",
		User: s.account(seed.Author, "User"), Created: s.now(), Updated: s.now(),
	}
	for _, login := range seed.Assignees {
		is.Assignees = append(is.Assignees, s.account(login, "User"))
		is.Events = append(is.Events, s.assigned(s.account(login, "User"), is.User, "assigned"))
	}
	for _, name := range seed.Labels {
		if l := repo.label(name); l != nil {
			is.Labels = append(is.Labels, l)
		}
	}
	if seed.Milestone != "" {
		is.Milestone = s.milestoneTitled(repo, seed.Milestone, is.User)
	}
	if seed.Branch != "" {
		head, err := repo.Git.Resolve(ctx, "refs/heads/"+seed.Branch)
		if err != nil {
			return err
		}
		base, err := repo.Git.Resolve(ctx, "refs/heads/"+repo.DefaultBranch)
		if err != nil {
			return err
		}
		is.Pull = &pull{Head: seed.Branch, Base: repo.DefaultBranch, HeadSHA: head, BaseSHA: base}
	}
	repo.Issues = append(repo.Issues, is)
	return nil
}

func (s *Server) milestoneTitled(repo *repository, title string, creator *account) *milestone {
	for _, m := range repo.Milestones {
		if m.Title == title {
			return m
		}
	}
	m := &milestone{ID: s.nextID(), Number: repo.nextMilestone(), Title: title, State: "open", Creator: creator,
		Created: s.now(), Updated: s.now()}
	repo.Milestones = append(repo.Milestones, m)
	return m
}
