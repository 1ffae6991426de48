// Package rehearsal plays a process file of one's own to its end: on GitHub as the sandbox has it, on the real tags,
// branches and files of a clone, or in a repository that is made up. Whoever is waited for gives the good answer, and
// for one step the bad one where that is asked for. Nothing leaves this machine, and a clone is only read.
//
// Start reading at Play; Story plays what is written down in internal/demo. world.go makes the repositories, cast.go
// the people and version.go the release; player.go goes from phase to phase; gates.go, steps.go and bad.go are the
// answers.
package rehearsal

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/internal/demo"
	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/process"
)

// Options say what is rehearsed.
type Options struct {
	// File is the name of the process file, and Process what it says.
	File    string
	Process []byte
	// Clone is the path of a clone; empty for a repository that is made up.
	Clone string
	// Fail is the id of the step, or the gate, that gets the bad answer; empty for none.
	Fail string
	// Track and Version are what is released; where they are empty, the next version of the first track.
	Track, Version string
	// Plan prints the writes alone.
	Plan bool
	Out  io.Writer
	Log  zerolog.Logger
	// Gather is how long an event waits for others that belong to it; zero is not at all.
	Gather time.Duration
	// Clock is when it begins; nil is now.
	Clock func() time.Time
}

func (o Options) now() time.Time {
	if o.Clock == nil {
		return time.Now()
	}
	return o.Clock()
}

// ages is how long tokens live: the clock of a rehearsal is moved on, and the bot knows their end by real time.
const ages = 50 * 365 * 24 * time.Hour

// Play rehearses. What the person has to change first is a Problem; a release that does not come to its end is one as
// well, and says where it stands.
func Play(ctx context.Context, o Options) error {
	p, err := load(o)
	if err != nil {
		return err
	}
	var c *clone
	if o.Clone != "" {
		if c, err = openClone(ctx, o.Clone, o.File); err != nil {
			return err
		}
	}
	w, err := newWorld(p, o, c)
	if err != nil {
		return err
	}
	bad, err := newBad(p, w.begin.track, o.Fail)
	if err != nil {
		return err
	}
	out := newPrinter(o.Out, o.Plan, w.repo)
	st, err := demo.Open(ctx, demo.StageOptions{
		Clock: o.now, Log: o.Log, Seed: w.seed, Front: out.front, TokenLife: ages, Leaps: true,
		Announce: &channels{out: out, refuse: bad.channel}, Gather: o.Gather,
	})
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }()
	out.opens(w)
	pl := &player{world: w, st: st, out: out, bad: bad, tried: map[string]int{}, began: st.Now()}
	err = pl.play(ctx)
	if failed := ctx.Err(); failed != nil {
		return failed
	}
	if told := pl.closes(ctx); told != nil {
		return errors.Join(err, told)
	}
	if at, is := errors.AsType[*stuck](err); is {
		return &Problem{at.Error()}
	}
	return err
}

// load reads the process file; all its mistakes are one Problem, each with its line.
func load(o Options) (release.Process, error) {
	p, err := process.Load(o.Process)
	var mistakes process.Errors
	switch {
	case errors.As(err, &mistakes):
		lines := make([]string, len(mistakes))
		for i, e := range mistakes {
			lines[i] = o.File + ": " + e.Error()
		}
		return p, &Problem{strings.Join(lines, "\n")}
	case errors.Is(err, process.ErrNoProcess):
		return p, problem("%s has no process that could be rehearsed: it only allows other repositories to use this one",
			o.File)
	case err != nil:
		return p, problem("%s: %v", o.File, err)
	}
	return p, nil
}
