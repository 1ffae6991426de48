package release

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/release/markdown"
)

// The start commands that answers suggest. What is suggested is not refused for a reason that is known: options that
// cannot be used are left out, and those that are missing are filled in.

// startLine suggests a start: of the version that the title of the issue names where it may be released, else of the
// next one.
func (p Process) startLine(c Command, f Facts) string {
	released := p.Versions.WithDuds(p.Versions.finalTags(f.Tags), f.Duds)
	if found := p.Versions.inTitle(c.Title); len(found) == 1 {
		v, err := p.Versions.Parse(found[0])
		if err == nil && v.Final() && p.Versions.Follows(v, released) == nil {
			return p.startWith(v, c, f)
		}
	}
	if v, ok := p.Versions.sample(f.Tags, f.Duds); ok {
		return p.startWith(v, c, f)
	}
	return "/release start VERSION" + p.usable(c, Version{}, f)
}

// startWith suggests to start a version with what can be used of the options of the command.
func (p Process) startWith(v Version, c Command, f Facts) string {
	return "/release start " + v.String() + p.usable(c, v, f)
}

// usable are the options of the command that a start of v accepts, and examples of those that it lacks.
func (p Process) usable(c Command, v Version, f Facts) string {
	options := maps.Clone(c.Options)
	if options == nil || c.Verb != "start" {
		options = map[string]string{}
	}
	kind := p.Versions.KindOf(v, p.Versions.finalTags(f.Tags))
	maps.DeleteFunc(options, func(key, value string) bool {
		_, dateErr := time.Parse(time.DateOnly, value)
		track, isTrack := p.Track(strings.ToLower(value))
		_, isInput := p.Inputs[key]
		switch key {
		case "due":
			return dateErr != nil
		case "kind":
			return !isTrack || !track.fits(kind)
		case "from":
			return p.From.About == "" || !validBranch(value) || !p.From.fits(value)
		case "process":
			return false
		case "skip":
			rule, broken := asRule(p.Versions.Follows(v, p.Versions.WithDuds(p.Versions.finalTags(f.Tags), f.Duds)))
			return !broken || !rule.Skippable || strings.TrimSpace(value) == ""
		}
		return !isInput || !validInput(value)
	})
	if options["from"] == "" && p.From.About != "" {
		options["from"] = "BRANCH"
	}
	for name, rule := range p.Inputs {
		if options[name] == "" && !rule.Optional {
			options[name] = rule.Example
		}
	}
	text := ""
	for _, key := range slices.Sorted(maps.Keys(options)) {
		value := strings.ReplaceAll(options[key], "`", "'")
		if strings.Contains(value, " ") {
			value = `"` + value + `"`
		}
		text += " " + key + "=" + value
	}
	return text
}

// validBranch says that a name can be that of a branch (git help check-ref-format), and stand in a sentence as it is.
func validBranch(name string) bool {
	return name == "" || markdown.Plain(name) && !strings.ContainsAny(name, ":=") &&
		!strings.HasSuffix(name, ".lock") &&
		!strings.Contains(name+"/", "//") && !strings.Contains(name+"/", "./") && !strings.Contains(name, "/.") &&
		!strings.Contains(name, "..")
}

// validInput says that a value can become part of names, of files and of questions to GitHub.
func validInput(value string) bool {
	return markdown.Plain(value) && !strings.ContainsAny(value, ":=@")
}
