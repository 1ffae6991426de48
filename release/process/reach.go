package process

import (
	"fmt"
	"slices"
	"strings"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/kind"
	"github.com/slipway-dev/slipway/release/typed"
)

// placed is one entry of a phase, with its place in the file.
type placed struct {
	kind.Entry
	phase string
	at    string
	step  bool
}

// on says that the entry counts on a track.
func (e placed) on(track string) bool {
	return len(e.Tracks) == 0 || slices.Contains(e.Tracks, typed.Track(track))
}

// reach finds what can never happen, and what would never end. Where an entry could not be read, whole is false, and
// what follows from its absence is not said.
func (c *compiler) reach(whole bool) {
	for i, t := range c.p.Tracks {
		at := nth("tracks", i)
		c.ends(at, t)
		for j, sort := range t.For {
			if slices.Contains(sorts, sort) && !slices.Contains(c.p.Versions.Kinds, sort) {
				c.say(nth(at+".for", j), "no version is "+article(sort)+" one here: versions.kinds leaves it out",
					"leave it out here, or add it there")
			}
		}
	}
	for i, sort := range c.p.Versions.Kinds {
		if slices.Contains(sorts, sort) && len(c.p.Tracks) > 0 && !slices.ContainsFunc(c.p.Tracks,
			func(t release.Track) bool { return len(t.For) == 0 || slices.Contains(t.For, sort) }) {
			c.say(nth("versions.kinds", i), "no track is for "+article(sort)+" version", "add it to `for` of a track")
		}
	}
	for i, ph := range c.p.Phases {
		c.idle(nth("phases", i), ph, len(c.doc.Phases[i].Do)+len(c.doc.Phases[i].Require), whole)
	}
	for i, e := range c.placed {
		c.beside(e)
		c.sentBack(e)
		c.holds(e)
		if whole {
			c.lock(i, e)
		}
	}
}

func article(word string) string { return "a " + word }

// ends says that the track has an end that it reaches.
func (c *compiler) ends(at string, t release.Track) {
	for i, item := range t.Sequence() {
		if item.Optional && item.Phase == "cut" {
			c.say(nth(at+".phases", i), fmt.Sprintf("the track %s would have no end: %s could be left out", t.Name,
				item.Phase), "write "+item.Phase+" without the question mark")
		}
	}
}

// idle finds phases whose command would do nothing.
func (c *compiler) idle(at string, ph release.Phase, entries int, whole bool) {
	if entries == 0 {
		c.say(at+".name", fmt.Sprintf("the phase %s does nothing", ph.Name),
			"add `require:` or `do:`, or leave the phase out")
		return
	}
	for _, t := range c.through(ph.Name) {
		if whole && !slices.ContainsFunc(c.placed, func(e placed) bool { return e.phase == ph.Name && e.on(t.Name) }) {
			c.say(at+".name", fmt.Sprintf("the phase %s does nothing on the track %s", ph.Name, t.Name),
				"leave the phase out of that track, or give it an entry there")
		}
	}
}

// through are the tracks that go through a phase.
func (c *compiler) through(phase string) []release.Track {
	var out []release.Track
	for _, t := range c.p.Tracks {
		if place(t, phase) >= 0 {
			out = append(out, t)
		}
	}
	return out
}

// place is where on the track a phase comes, -1 where it does not.
func place(t release.Track, phase string) int {
	return slices.IndexFunc(t.Sequence(), func(p release.TrackPhase) bool { return p.Phase == phase })
}

// beside holds what stands beside a kind.
func (c *compiler) beside(e placed) {
	for i, track := range e.Tracks {
		if t, known := c.p.Track(string(track)); known && place(t, e.phase) < 0 {
			c.say(nth(e.at+".tracks", i), fmt.Sprintf("the track %s does not go through %s", track, e.phase),
				"leave it out, or add the phase to that track")
		}
	}
	switch {
	case e.step && e.Warn:
		c.say(e.at+".warn", "a step is no warning", "leave it out; `warn` belongs to entries of `require`")
	case !e.step && e.Title != "":
		c.say(e.at+".title", "a gate has no title", "leave it out; `id` names the gate in answers")
	}
	if e.Title != "" {
		ph, _ := c.p.Phase(e.phase)
		c.template(e.at+".title", string(e.Title), c.vars(ph))
	}
	for _, field := range []string{"replace", "remove"} {
		if c.root.At(e.at).Field(field) != nil {
			c.say(e.at+"."+field, "no built-in process has this entry, so there is nothing to "+field, "leave it out")
		}
	}
}

// sentBack holds the phases that an entry tells people to go back to.
func (c *compiler) sentBack(e placed) {
	field, phase := "", ""
	switch k := e.Params.(type) {
	case kind.Workflow:
		field, phase = "workflow.mend", string(k.Mend)
	case kind.Modules:
		field, phase = "modules.again", string(k.Again)
	case kind.Files:
		field, phase = "files.again", string(k.Again)
	case kind.Candidate:
		if field, phase = "candidate.again", string(k.Again); phase == "" && k.Is != "new" {
			phase = "rc"
		}
	}
	ph, known := c.p.Phase(phase)
	switch {
	case phase == "":
	case !known && field == "candidate.again" && phase == "rc":
		c.say(e.at+".candidate", "no phase is called rc, which is where people are sent for a candidate",
			"add `again:` with the phase that makes candidates")
	case !known: // said already
	default:
		for _, t := range c.through(e.phase) {
			if e.on(t.Name) && place(t, phase) < 0 {
				c.say(e.at+"."+field, fmt.Sprintf("people are sent back to %s, and the track %s does not go through it",
					phase, t.Name), "name a phase of that track, or limit the entry with `tracks`")
			}
		}
		if !ph.Repeat && !ph.Rewind {
			c.say(e.at+"."+field, fmt.Sprintf("people are sent back to %s, which can be entered only once", phase),
				fmt.Sprintf("add `repeat: true` to %s, or name another phase", phase))
		}
	}
}

// holds finds gates that nobody could ever pass.
func (c *compiler) holds(e placed) {
	if e.step {
		return
	}
	switch k := e.Params.(type) {
	case kind.Candidate:
		if c.p.Versions.Candidates == "" {
			c.say(e.at, "it can never hold: the versions of this process have no candidates",
				"add `candidates: rc{n}` to `versions`, or leave the gate out")
		}
	case kind.Checks:
		if i := slices.IndexFunc(k.Required, func(name typed.Text) bool { return slices.Contains(k.Ignore, name) }); i >= 0 {
			c.say(nth(e.at+".checks.required", i), fmt.Sprintf("%q is required and ignored", k.Required[i]),
				"keep one of the two")
		}
	case kind.Team:
		if n, few := c.few(string(k.Role)); few && n < k.Count {
			c.say(e.at+".team.count", fmt.Sprintf("it can never hold: %s can be %s", k.Role, persons(n)),
				"lower the count, or give the role to more people")
		}
	case kind.Approvals:
		c.approvable(e, k)
	case kind.Locked:
		c.lockedBefore(e, k)
	}
}

// few is how many people can have a role, where the file names them all.
func (c *compiler) few(role string) (n int, few bool) {
	r, known := c.p.Roles[role]
	if !known || r.Permission != "" || len(r.Teams) > 0 || r.Assignees {
		return 0, false
	}
	return len(r.People()), true
}

func persons(n int) string {
	if n == 1 {
		return "one person at most"
	}
	return fmt.Sprintf("%d people at most", n)
}

// approvable holds an approval against who can have the role, and who may approve.
func (c *compiler) approvable(e placed, a kind.Approvals) {
	n, few := c.few(string(a.Role))
	if !few {
		return
	}
	people := c.p.Roles[string(a.Role)].People()
	at := e.at + ".approvals"
	if n < a.Count {
		c.say(at+".count", fmt.Sprintf("it can never hold: %s can be %s", a.Role, persons(n)),
			"lower the count, or give the role to more people")
		return
	}
	can := func(roles []string, who string) bool {
		return slices.ContainsFunc(roles, func(role string) bool {
			_, few := c.few(role)
			return role == "anyone" || !few || slices.Contains(c.p.Roles[role].People(), who)
		})
	}
	if may := c.p.MayDo("approve"); !slices.ContainsFunc(people, func(who string) bool { return can(may, who) }) {
		c.say(at+".role", fmt.Sprintf("it can never hold: nobody who is %s may approve", a.Role),
			fmt.Sprintf("add %s to `may: {approve: ...}`", a.Role))
		return
	}
	// Whoever gives the command does not count, so all others of the role have to be enough.
	ph, _ := c.p.Phase(e.phase)
	all := slices.ContainsFunc(ph.Who, func(role string) bool { _, few := c.few(role); return !few })
	if !a.Self && n == a.Count && !all && !slices.ContainsFunc(ph.Who, func(role string) bool {
		return slices.ContainsFunc(c.p.Roles[role].People(), func(who string) bool { return !slices.Contains(people, who) })
	}) {
		c.say(at, fmt.Sprintf("it can never hold: %s can be %s, and whoever gives the command does not count", a.Role,
			persons(n)), "lower the count, give the role to more people, or add `self: true`")
	}
}

// lockedBefore says that a gate on a lock follows the phase that locks.
func (c *compiler) lockedBefore(e placed, l kind.Locked) {
	if _, known := c.p.Phase(string(l.Since)); !known {
		return
	}
	for _, t := range c.through(e.phase) {
		if !e.on(t.Name) {
			continue
		}
		why := ""
		if at := place(t, string(l.Since)); at < 0 || at >= place(t, e.phase) {
			why = fmt.Sprintf("on the track %s %s does not come before %s", t.Name, l.Since, e.phase)
		} else if !slices.ContainsFunc(c.placed, func(o placed) bool {
			lock, is := o.Params.(kind.Lock)
			return is && o.phase == string(l.Since) && lock.Is == "held" && lock.Branch == l.Branch && o.on(t.Name)
		}) {
			why = fmt.Sprintf("%s does not lock %s on the track %s", l.Since, l.Branch, t.Name)
		}
		if why != "" {
			c.say(e.at+".lock.since", "it can never hold: "+why, "name the phase that locks the branch")
		}
	}
}

// lock finds locks that nothing lifts, and those that are lifted without having been there.
func (c *compiler) lock(n int, e placed) {
	l, is := e.Params.(kind.Lock)
	if !is {
		return
	}
	var bad []string
	all := true
	for _, t := range c.through(e.phase) {
		if !e.on(t.Name) {
			continue
		}
		found := false
		for i, o := range c.placed {
			lock, is := o.Params.(kind.Lock)
			if !is || lock.Is == l.Is || lock.Branch != l.Branch || !o.on(t.Name) || place(t, o.phase) < 0 {
				continue
			}
			later := place(t, o.phase) > place(t, e.phase) || o.phase == e.phase && i > n
			found = found || l.Is == "lifted" || later && !t.Sequence()[place(t, o.phase)].Optional
		}
		if all = all && !found; !found {
			bad = append(bad, t.Name)
		}
	}
	switch {
	case len(bad) == 0:
	case l.Is == "lifted" && all:
		c.say(e.at, fmt.Sprintf("no phase locks %s", l.Branch), "leave it out, or lock the branch in another phase")
	case l.Is == "lifted": // the tracks that do not lock share the phase
	case l.Then == "ask" || l.By == "admin":
		c.say(e.at, fmt.Sprintf("nothing lifts this lock on the track %s, so %s stays locked", strings.Join(bad, ", "),
			l.Branch), "add `- lock: {is: lifted}` to a later phase of that track, or `then: open`")
	}
}
