package engine

import (
	"context"
	"slices"

	"github.com/slipway-dev/slipway/internal/conversation"
	"github.com/slipway-dev/slipway/release"
)

// Commands are the rows of releases in the table of commands. What each asks for and decides is in package release, one
// file a command; here it is told what GitHub says.
func (e *Engine) Commands() conversation.Table {
	var rows conversation.Table
	for _, v := range release.Verbs() {
		rows = append(rows, conversation.Command{
			Word: "/release " + v.Name, Usage: v.Usage, About: v.About, Example: v.Example, First: v.First,
			Where: "a tracking issue", Feature: Releases{}, Do: e.command,
		})
	}
	return append(rows, conversation.Command{
		Word: "/release " +
			conversation.AnyWord, About: "begin a phase of the process of this release", Example: "/release cut",
		Where: "a tracking issue", Feature: Releases{}, Do: e.command,
	})
}

// Releases is the feature of releases. /release is Slipway's own word: it is answered everywhere.
type Releases struct{}

// On is always true.
func (Releases) On(context.Context, *conversation.Request) (bool, error) { return true, nil }

// command decides one line that begins with /release.
func (e *Engine) command(ctx context.Context, t *conversation.Request) ([]release.Event, error) {
	cmd := release.Read(t.Line, t.Said.Comment, t.Said.By, t.Said.Title)
	cmd.ID = t.Said.ByID
	ctx, err := recalling(ctx, t.Made(), nil)
	if err != nil {
		return nil, err
	}
	f := &finder{engine: e, req: t, gh: t.GitHub(), command: cmd}
	return release.Deliberate(t.Release(), cmd, e.Clock(), func(r release.Release, q release.Questions) (release.Facts,
		error) {
		return f.find(ctx, r, q)
	})
}

// elsewhere are the commands that belong to other features which are set up here. They are looked up only
// where they may be meant: for help, and for a word that is neither a command nor a phase.
func (f *finder) elsewhere(ctx context.Context) ([]release.Verb, error) {
	process := f.req.Release().Started.Process
	if f.process != nil {
		process = *f.process
	}
	_, phase := process.Phase(f.command.Verb)
	verb := slices.ContainsFunc(release.Verbs(), func(v release.Verb) bool { return v.Name == f.command.Verb })
	if f.command.Verb != "help" && (phase || verb) {
		return nil, nil
	}
	return f.req.Table().Elsewhere(ctx, f.req, Releases{})
}
