package rehearsal

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/slipway-dev/slipway/release"
)

// closes prints what came of the rehearsal.
func (p *player) closes(ctx context.Context) error {
	r, err := p.release(ctx)
	if err != nil {
		return err
	}
	after, err := p.st.Sandbox.Snapshot(ctx, p.repo)
	if err != nil {
		return err
	}
	how := "is not finished"
	switch _, _, open := due(r); {
	case r.Aborted != nil && !open:
		how = "was aborted, and rolled back as far as that can be"
	case r.Finished():
		how = "is finished"
	}
	p.out.print("\nThe release %s.\n\n", how)
	line := func(name string, values ...string) {
		if text := strings.Join(values, ", "); text != "" {
			p.out.print("  %-14s %s\n", name, text)
		}
	}
	previous := ""
	if r.Started.Previous != "" {
		previous = "after " + r.Started.Previous
	}
	line("version", slices.DeleteFunc([]string{p.begin.version, previous, "track " + p.begin.track},
		func(text string) bool { return text == "" })...)
	line("tags", added(p.before.Tags, after.Tags)...)
	line("branches", added(p.before.Branches, after.Branches)...)
	var published, merged, milestones []string
	for _, one := range after.Releases[min(len(p.before.Releases), len(after.Releases)):] {
		text := one.Tag
		for name, is := range map[string]bool{"draft": one.Draft, "pre-release": one.Prerelease, "latest": one.Latest} {
			if is {
				text += " (" + name + ")"
			}
		}
		published = append(published, text)
	}
	line("releases", published...)
	for _, is := range after.Issues {
		if is.Pull {
			state := is.State
			if is.Merged {
				state = "merged"
			}
			merged = append(merged, fmt.Sprintf("#%d %s", is.Number, state))
		}
	}
	line("pull requests", merged...)
	for _, m := range after.Milestones {
		milestones = append(milestones, m.Title+" "+m.State)
	}
	line("milestones", milestones...)
	line("locks left", after.Rulesets...)
	line("left open", p.optional(r)...)
	took := "less than a day"
	if days := int(p.st.Now().Sub(p.began) / release.Day); days > 0 {
		took = release.Count(days, "day")
	}
	line("it took", release.Count(p.out.said, "turn")+" of people and CI", release.Count(p.out.answers, "comment")+
		" of Slipway", release.Count(p.out.writes, "write"), release.Count(p.out.waited, "wait"),
		took+" on the clock of the rehearsal")
	return nil
}

// optional are the boxes that hold nothing up, and that nobody ticked.
func (p *player) optional(r release.Release) []string {
	var out []string
	for _, run := range r.Live() {
		for _, s := range run.Steps {
			if s.Optional && s.Done == nil {
				out = append(out, s.ID+" (optional)")
			}
		}
	}
	return out
}

// added are the references that are new, with their commits.
func added(before, after map[string]string) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if before[name] == "" {
			out = append(out, fmt.Sprintf("%s at %.8s", name, after[name]))
		}
	}
	return out
}
