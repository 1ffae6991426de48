package scenarios

import (
	"context"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/slipway-dev/slipway/internal/demo"
	"github.com/slipway-dev/slipway/internal/sandbox"
	"github.com/slipway-dev/slipway/internal/store"
)

// Lifecycle: the stories of what happens to tracking issues, to their repositories, and to the App there.
func TestLifecycle(t *testing.T) {
	play(t, "lifecycle", demo.Libs, demo.Manager, func() sandbox.Seed {
		seed := demo.FalcoLibs()
		seed.Repos = append(seed.Repos, sandbox.SeedRepo{
			Name: "rules", DefaultBranch: "main",
			Commits: []sandbox.SeedCommit{
				{Message: "Begin", Author: demo.Maria, Files: map[string]string{"README.md": "Rules\n"}},
			},
		})
		return seed
	})
}

func lifecycle() map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){
		"rename_repository":   renameRepository,
		"transfer_repository": transferRepository,
		"uninstall":           uninstall,
		"install":             install,
		"suspend":             suspend,
		"unsuspend":           unsuspend,
		"unselect":            unselect,
		"selects":             selects,
		"permit":              permit,
		"lock_issue":          lockIssue,
		"unlock_issue":        unlockIssue,
		"move_issue":          moveIssue,
		"delete_issue":        deleteIssue,
		"in_repository":       inRepository,
		"offline":             offline,
		"online":              online,
	}
}

func (s *story) org() string {
	org, _, _ := strings.Cut(s.repo, "/")
	return org
}

// hook answers webhooks with 502 while the bot is offline.
func (s *story) hook(next func(http.Handler) http.Handler) func(http.Handler) http.Handler {
	return func(h http.Handler) http.Handler {
		h = next(h)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if s.offline.Load() {
				http.Error(w, "offline", http.StatusBadGateway)
				return
			}
			s.world.secret(r)
			h.ServeHTTP(w, r)
		})
	}
}

// rename_repository NAME: an owner gives the repository another name.
func renameRepository(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	ts.Check(s.st.Sandbox.RenameRepository(s.repo, args[0]))
	s.repo = s.org() + "/" + args[0]
	s.settle(ts)
}

// transfer_repository ORG: an owner gives the repository to another organisation.
func transferRepository(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	ts.Check(s.st.Sandbox.TransferRepository(s.repo, args[0]))
	_, name, _ := strings.Cut(s.repo, "/")
	s.repo = args[0] + "/" + name
	s.settle(ts)
}

// uninstall: an owner removes the App from the organisation.
func uninstall(ts *testscript.TestScript, _ bool, _ []string) {
	s := of(ts)
	ts.Check(s.st.Sandbox.Uninstall(s.org()))
	s.settle(ts)
}

// install: an owner installs the App in the organisation.
func install(ts *testscript.TestScript, _ bool, _ []string) {
	s := of(ts)
	s.st.Sandbox.Install(s.org())
	s.settle(ts)
}

// suspend: an owner suspends the App.
func suspend(ts *testscript.TestScript, _ bool, _ []string) {
	s := of(ts)
	ts.Check(s.st.Sandbox.Suspend(s.org()))
	s.settle(ts)
}

// unsuspend: an owner lets the App work again.
func unsuspend(ts *testscript.TestScript, _ bool, _ []string) {
	s := of(ts)
	ts.Check(s.st.Sandbox.Unsuspend(s.org()))
	s.settle(ts)
}

// unselect: an owner takes the repository out of the installation.
func unselect(ts *testscript.TestScript, _ bool, _ []string) {
	s := of(ts)
	ts.Check(s.st.Sandbox.UnselectRepository(s.repo))
	s.settle(ts)
}

// selects: an owner puts the repository into the installation.
func selects(ts *testscript.TestScript, _ bool, _ []string) {
	s := of(ts)
	ts.Check(s.st.Sandbox.SelectRepository(s.repo))
	s.settle(ts)
}

// permit PERMISSION...: the App has all permissions but for those that are named with a minus, as -administration.
func permit(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	permissions := maps.Clone(demo.Permissions)
	for _, arg := range args {
		delete(permissions, strings.TrimPrefix(arg, "-"))
	}
	s.st.Sandbox.SetPermissions(permissions)
	s.settle(ts)
}

// lock_issue ISSUE: somebody locks the conversation.
func lockIssue(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	ts.Check(s.st.Sandbox.LockIssue(s.repo, number(ts, args[0])))
	s.settle(ts)
}

// unlock_issue ISSUE: somebody unlocks it.
func unlockIssue(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	ts.Check(s.st.Sandbox.UnlockIssue(s.repo, number(ts, args[0])))
	s.settle(ts)
}

// move_issue ISSUE OWNER/NAME: somebody transfers the issue.
func moveIssue(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	_, err := s.st.Sandbox.TransferIssue(s.repo, number(ts, args[0]), args[1])
	ts.Check(err)
	s.settle(ts)
}

// delete_issue ISSUE: somebody deletes the issue.
func deleteIssue(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	ts.Check(s.st.Sandbox.DeleteIssue(s.repo, number(ts, args[0])))
	s.settle(ts)
}

// in_repository OWNER/NAME: the story goes on in another repository.
func inRepository(ts *testscript.TestScript, _ bool, args []string) { of(ts).repo = args[0] }

// offline: nobody takes GitHub's webhooks from now on. The bot works by then: it looks for what it missed before its
// first job, and under load it would find what is missed only now.
func offline(ts *testscript.TestScript, _ bool, _ []string) {
	s := of(ts)
	nowhere := store.Job{Kind: store.KindIssue, Key: store.LogName(0, 0)}
	ts.Check(s.st.Bot.Store.Enqueue(context.Background(), nowhere, time.Time{}))
	s.settle(ts)
	s.offline.Store(true)
}

// online: the webhooks are taken again, and the poll finds what was missed.
func online(ts *testscript.TestScript, _ bool, _ []string) {
	s := of(ts)
	s.offline.Store(false)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	ts.Check(s.st.Bot.CatchUp(ctx))
	s.settle(ts)
}
