package rehearsal

import (
	"context"
	"strings"

	"github.com/slipway-dev/slipway/internal/demo"
)

// Story plays a release of a built-in process as it is written down, with the mistakes that people make in it, and
// looks at where it ends. What Options say of a process is of no account.
func Story(ctx context.Context, r demo.Rehearsal, o Options) error {
	told := newPrinter(o.Out, o.Plan, r.Repo)
	st, err := demo.Open(ctx, demo.StageOptions{Clock: o.now, Log: o.Log, Seed: r.Seed(), Front: told.front,
		Gather: o.Gather, Pause: 5 * o.Gather})
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }()
	told.starts()
	for _, t := range r.Turns {
		told.does(t.By+":", t.Says)
		if err := r.Play(ctx, st, t); err != nil {
			return err
		}
		snapshot, err := st.Sandbox.Snapshot(ctx, r.Repo)
		if err != nil {
			return err
		}
		told.hears(snapshot)
	}
	wrong, err := r.Check(ctx, st)
	if err != nil {
		return err
	}
	if len(wrong) > 0 {
		return problem("The rehearsal did not end as it should:\n- %s", strings.Join(wrong, "\n- "))
	}
	told.print("\nThe release is out: all is as it should be (checked with git and the API).\n")
	return nil
}
