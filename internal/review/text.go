package review

import (
	"cmp"
	"fmt"
	"path"
	"strings"

	"github.com/slipway-dev/slipway/internal/store"
	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/markdown"
	"github.com/slipway-dev/slipway/release/patches"
	"github.com/slipway-dev/slipway/release/step"
	"github.com/slipway-dev/slipway/release/typed"
)

// How many bytes of the parts are shown: GitHub takes 65,535 characters of all of them together. Each file has its
// share, and begins with what is weaker, so that no file hides what becomes weaker in another one.
const (
	longestFiles = 36000
	longestRest  = 12000
)

// shortened is a text of lines, as far as there is room.
func shortened(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return text[:strings.LastIndex(text[:most], "\n")+1] + "\n_The rest has no room here._\n\n"
}

// openLogs finds the releases under way.
func openLogs(repo int64) store.Filter { return store.Filter{Repo: repo, Open: new(true)} }

// untouched is the result where a pull request no longer changes any of the files.
func untouched() step.Check {
	return step.Check{Conclusion: "neutral", Title: "The release process stays as it is",
		Summary: "This pull request changes none of the files by which Slipway is configured."}
}

// title is the result in one line.
func title(changes []change, weaker int) string {
	mistakes := 0
	for _, c := range changes {
		mistakes += len(c.is.mistakes)
	}
	switch {
	case mistakes > 0:
		return "Found " + release.Count(mistakes, "mistake")
	case weaker > 0:
		return "Weaker than before in " + release.Count(weaker, "place")
	}
	return "No mistakes found"
}

// annotation is a mistake at its line. GitHub shows plain text there.
func annotation(at string, m typed.Error) step.Annotation {
	text := markdown.Title(m.Message)
	if m.Fix != "" {
		text += "; " + markdown.Title(m.Fix)
	}
	return step.Annotation{Path: at, Line: max(m.Line, 1), Column: m.Column, Level: "failure",
		Title: markdown.Title(cmp.Or(m.Field, path.Base(at))), Text: release.Sentence(text)}
}

// mistakesText lists all mistakes of a file, also those that no annotation shows.
func mistakesText(all typed.Errors) string {
	var b strings.Builder
	fmt.Fprintf(&b, "The file cannot be used: it has %s.\n\n", release.Count(len(all), "mistake"))
	for i, m := range all {
		if b.Len() > longestRest {
			fmt.Fprintf(&b, "- and %d more\n", len(all)-i)
			break
		}
		b.WriteString("- ")
		if m.Line > 0 {
			fmt.Fprintf(&b, "Line %d: ", m.Line)
		}
		if m.Field != "" {
			b.WriteString(markdown.Code(m.Field) + ": ")
		}
		text := markdown.Text(m.Message)
		if m.Fix != "" {
			text += "; " + markdown.Text(m.Fix)
		}
		b.WriteString(release.Sentence(text) + "\n")
	}
	return b.String() + "\nFix them and push. `bot lint FILE` checks a file before that.\n\n"
}

func removedText(at string) string {
	if at == patches.File {
		return "The file is removed. Slipway then keeps the patch-release issues as the file of the owner's `.github` " +
			"repository says, or not at all.\n\n"
	}
	return "The file is removed. A release that starts then has the process of the owner's `.github` repository, or the " +
		"one of the server; where there is neither, it names one: `/release start VERSION process=NAME`.\n\n"
}

func policyText(edits []string) string {
	if len(edits) == 0 {
		return "The policy of patch-release issues stays as it is.\n\n"
	}
	return "The policy of patch-release issues changes:\n\n" + bullets(edits)
}

func bullets(lines []string) string { return "- " + strings.Join(lines, "\n- ") + "\n\n" }

// needsText names the permissions that are newly needed.
func needsText(before, after map[string]string) string {
	more := added(before, after)
	if len(more) == 0 {
		return ""
	}
	return "**Permissions of the App that are newly needed:** " + strings.Join(markdown.Codes(more), ", ") + ".\n\n"
}

func otherBranch(base, trunk string) string {
	return fmt.Sprintf("This pull request goes into %s. Slipway reads these files on the default branch, %s, and nowhere "+
		"else: nothing changes until they are there.\n\n", markdown.Code(base), markdown.Code(trunk))
}

// unreadText names files that look as if they were read.
func unreadText(unread []string) string {
	if len(unread) == 0 {
		return ""
	}
	return "### Files that Slipway does not read\n\n" + bullets(markdown.Codes(unread)) +
		"A file in `.github/release/` is named after a built-in process, and read where a start names that one.\n\n"
}

func noForecast(why string) string {
	return "This pull request is not simulated: " + why + ". Its files were checked and compared, and nothing else was " +
		"looked up. A simulation is for a branch of the repository itself, by somebody with write permission.\n\n"
}

func underWayText(open []started) string {
	if len(open) == 0 {
		return ""
	}
	var lines []string
	for _, s := range open {
		lines = append(lines, fmt.Sprintf("#%d: %s %s", s.issue, markdown.Text(s.name), markdown.Code(s.version)))
	}
	return "### Releases under way\n\nThey keep the process that they started with, whatever is merged here:\n\n" +
		bullets(lines)
}
