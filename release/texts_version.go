package release

import (
	"fmt"
	"strings"

	"github.com/slipway-dev/slipway/release/markdown"
)

// The rules on versions, each as a clause that follows "0.21.0 is refused:".

func ruleThreeNumbers() string { return "a version has three numbers, MAJOR.MINOR.PATCH" }
func ruleWholeNumbers() string { return "MAJOR, MINOR and PATCH are whole numbers" }
func ruleNumberSize() string   { return "MAJOR, MINOR and PATCH are at most 2147483647" }
func ruleLeadingZero() string  { return "numbers have no leading zeros" }
func ruleEmptyPart() string    { return "something must follow the `-` and the `+`" }
func ruleIdentifiers() string {
	return "the parts after `-` and `+` are letters, digits and hyphens between dots, " +
		"and numbers in them have no leading zeros"
}

func ruleNoPrefix() string { return "versions of this project have no `v` in front" }
func rulePrefix() string   { return "versions of this project begin with `v`" }
func ruleNoBuild() string {
	return "versions of this project have no build metadata (the part after `+`)"
}
func ruleBuild(b string) string { return "versions of this project end with `+" + b + "`" }

func ruleMajorLeast(least string) string { return "the major number must be " + least + " or greater" }
func ruleMajor(major string) string      { return "the major number must be " + major }

func ruleNoPreRelease() string { return "this project has no pre-releases" }

// rulePreRelease says which pre-releases there are.
func rulePreRelease(forms []string) string {
	return "a pre-release of this project ends with " + either(markdown.Codes(forms))
}

func ruleBump(ahead string) string {
	return "only major, minor or patch can stand in front of -" + ahead
}
func ruleNoSuchPre(ahead string) string    { return "-" + ahead + " is not a pre-release of this project" }
func ruleFinalAlready(kinds string) string { return "it is already final; ask for " + kinds }
func ruleDevAfterFinal() string {
	return "a development version follows a release, and this is not one; ask for final first"
}
func ruleSecondPre() string { return "it already has a pre-release part and cannot get a second one" }

func ruleNoKind(kind, kinds string) string {
	return fmt.Sprintf("this project has no next version of the kind %q; ask for %s", kind, kinds)
}
func ruleAskFor(rule, kinds string) string { return rule + "; ask for " + kinds }

func ruleExists(as string) string {
	return as + " already exists, and a version is never released twice"
}
func ruleNewer(newest Version) string {
	return fmt.Sprintf("%s is newer and has already been released", newest)
}
func ruleNewerOfLine(top Version) string {
	return fmt.Sprintf("%s of the same release line is newer and has already been released", top)
}
func ruleGap(missing string) string { return "it would skip " + missing }

func ruleInterfaceDown(file, was, tag string) string {
	return fmt.Sprintf("%s may not decrease: it was %s at the tag %s", file, was, tag)
}
func ruleNoDriverChange() string {
	return "nothing in the driver has changed since, so there is no driver to release"
}

// ruleErrorText is a broken rule as one line, for the command line and for logs.
func ruleErrorText(e *RuleError) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s is refused: %s", e.Value, e.Rule)
	if e.Document != "" {
		b.WriteString(" (" + e.Document + ")")
	}
	if e.Want != "" {
		b.WriteString("; use " + e.Want)
	}
	return b.String()
}
