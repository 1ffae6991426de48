package scenarios

import (
	"context"
	"maps"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/slipway-dev/slipway/internal/demo"
	"github.com/slipway-dev/slipway/internal/sandbox"
)

// People: the stories of who may do what, and of those who would like to. tessa triages bugs, wanda writes code, and
// neither is a maintainer.
func TestPeople(t *testing.T) {
	play(t, "people", demo.Libs, demo.Manager, func() sandbox.Seed {
		seed := demo.FalcoLibs()
		seed.Users = append(seed.Users, "tessa", writer, "mara", renovate)
		seed.Teams = map[string][]string{"libs-maintainers": {demo.Maria, demo.Max}, "testers": nil}
		libs := &seed.Repos[0]
		libs.Collaborators = maps.Clone(libs.Collaborators)
		libs.Collaborators["tessa"], libs.Collaborators[writer], libs.Collaborators[renovate] = "triage", "write", "maintain"
		libs.Issues = append(libs.Issues, sandbox.SeedIssue{Title: "It crashes", Body: "A bug.\n", Author: demo.Outsider})
		return seed
	})
}

func staff() map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){
		"assign":      assign,
		"permission":  permission,
		"rename_user": renameUser,
	}
}

// assign ISSUE LOGIN...: the person makes exactly these the assignees. assign ISSUE: nobody.
func assign(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	ts.Check(s.st.Sandbox.As(s.as).EditIssue(context.Background(), s.repo, number(ts, args[0]),
		map[string]any{"assignees": args[1:]}))
	s.settle(ts)
}

// permission LOGIN LEVEL: an admin gives somebody another permission on the repository.
func permission(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	ts.Check(s.st.Sandbox.SetPermission(s.repo, args[0], args[1]))
}

// rename_user LOGIN TO: somebody takes another login.
func renameUser(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(of(ts).st.Sandbox.RenameUser(args[0], args[1]))
}
