package parse

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/mod/semver"
)

// split takes a line apart at its sign: = as it should be, else : or the first blank. The key comes in lower case.
func split(text string) (key, sign, value string) {
	text = strings.TrimSpace(text)
	if k, v, found := strings.Cut(text, "="); found {
		return strings.ToLower(strings.TrimSpace(k)), "=", strings.TrimSpace(v)
	}
	i := strings.IndexAny(text, ": \t")
	if i < 0 {
		return strings.ToLower(text), "", ""
	}
	return strings.ToLower(text[:i]), text[i : i+1], strings.TrimSpace(text[i+1:])
}

func known(key string) bool { return key == introducedIn || key == resolvedIn || key == wontFix }

// meant is the key that somebody meant with another word, or with a list mark before it.
func meant(key string) (string, bool) {
	key = strings.Trim(key, "-*+>`\"' \t")
	key = strings.ReplaceAll(strings.ReplaceAll(key, "_", "-"), " ", "-")
	return Nearest(key, []string{introducedIn, resolvedIn, wontFix})
}

// line reads one line of a block.
func (r *reader) line(number int, text string) {
	text = strings.TrimSpace(text)
	if text == "" || text[0] == '#' {
		return
	}
	typed, sign, value := split(text)
	key, ok := typed, known(typed)
	if !ok && len(r.problems) >= mostProblems {
		r.more++
		return
	}
	if !ok {
		key, ok = meant(typed)
	}
	if !ok {
		p := Problem{
			Line:    number,
			Message: show(text) + " is not of the form key=version",
			Suggestion: "write introduced-in=vX.Y.Z or resolved-in=vX.Y.Z, or begin the line with # to make it a " +
				"comment",
		}
		if sign == "=" {
			p.Message = "there is no key " + show(typed)
			p.Suggestion = "the keys are introduced-in, resolved-in and wont-fix; begin the line with # to make it a " +
				"comment"
		}
		r.problem(p)
		r.claims = append(r.claims, claim{key: resolvedIn, Version: Version{Line: number, Typed: text},
			out: "not understood"})
		return
	}
	if key == wontFix {
		r.declined(number, typed, sign, value)
		return
	}
	v := r.values(number, key, value)
	message := ""
	switch {
	case sign != "=":
		message = "the sign between " + show(key) + " and its version is missing: it is ="
	case typed != key:
		message = "there is no key " + show(typed)
	case v.bad != "" && invisible(v.bad) != "":
		message = show(v.bad) + " holds a character that cannot be seen, " + invisible(v.bad) + ", perhaps from copying it"
	case v.bad != "":
		message = show(v.bad) + " is not a version: it needs three numbers, and at most -alpha.N, -beta.N or -rc.N " +
			"behind them"
	}
	if message != "" {
		for i := range v.claims {
			v.claims[i].read = v.claims[i].read && v.bad != v.first && typed == key && sign == "="
		}
		r.problem(Problem{Line: number, Message: message, Suggestion: v.suggestion(key)})
	} else if v.rest {
		r.problem(Problem{Line: number, Message: "the text behind the version is not read",
			Suggestion: v.suggestion(key), Warning: true})
	} else if len(v.claims) > 1 {
		r.problem(Problem{Line: number, Message: "several versions stand in one line", Suggestion: v.suggestion(key),
			Warning: true})
	}
	r.claims = append(r.claims, v.claims...)
	if v.empty {
		if r.empty == nil {
			r.empty = map[string]bool{}
		}
		r.empty[key] = true
		if key == introducedIn && len(r.unfilled) < mostProblems {
			r.unfilled = append(r.unfilled, Problem{
				Line:       number,
				Message:    introducedIn + " holds no version yet",
				Suggestion: "write the first version that has the problem, for example " + introducedIn + "=v1.30.1",
				Warning:    true,
			})
		}
	}
}

// declined reads a line wont-fix=1.29 REASON.
func (r *reader) declined(number int, typed, sign, value string) {
	minor, reason, _ := strings.Cut(value, " ")
	line, _ := strings.CutPrefix(strings.ToLower(minor), "v")
	reason = printable(reason)
	major, patchless, two := strings.Cut(line, ".")
	c := claim{key: wontFix, Version: Version{Line: number, Typed: value, Text: line + " " + reason}}
	message, suggestion := "", wontFix+"="+c.Text
	switch {
	case !two || !digits(major) || !digits(patchless):
		message = show(minor) + " is not a release line: it is two numbers, such as 1.29"
		suggestion = "write the line and the reason, such as wont-fix=1.29 it gets no more patches"
		c.out, c.Text, c.Typed = "not a release line", "", wontFix+"="+value
	case reason == "":
		message = "wont-fix=" + line + " gives no reason"
		suggestion = "write the reason behind it, such as wont-fix=" + line + " it gets no more patches"
		c.out, c.Text, c.Typed = "without a reason", "", wontFix+"="+value
	case typed != wontFix:
		message = "there is no key " + show(typed)
	case sign != "=":
		message = "the sign between " + show(wontFix) + " and its line is missing: it is ="
	case slices.ContainsFunc(r.claims, func(o claim) bool {
		return o.key == wontFix && o.read && strings.HasPrefix(o.Text, line+" ")
	}):
		message, suggestion = "wont-fix="+line+" stands in the block already", "take one of the two away"
		c.out = "said twice"
	}
	if c.read = message == ""; !c.read {
		r.problem(Problem{Line: number, Message: message, Suggestion: suggestion})
	}
	r.claims = append(r.claims, c)
}

// values is what stands behind the sign of one line.
type values struct {
	claims []claim
	empty  bool   // nothing, or a placeholder
	first  string // the first word
	bad    string // the first word that should be a version and is none
	rest   bool   // other text
}

func (r *reader) values(number int, key, value string) values {
	words := strings.FieldsFunc(value, func(c rune) bool { return c == ',' || c == ';' || unicode.IsSpace(c) })
	v := values{empty: len(words) == 0}
	for i, word := range words {
		if i == 0 {
			v.first = word
		}
		c := claim{key: key, Version: Version{Line: number, Typed: word}, read: true}
		if placeholder(word) {
			v.empty = true
			continue
		}
		if c.Text, c.read = version(word); c.read {
			v.claims = append(v.claims, c)
			continue
		}
		if word[0] == '#' {
			v.rest = true
			break
		}
		if i > 0 && !numbered(word) {
			v.rest = true
			continue
		}
		if v.bad == "" {
			v.bad = word
		}
		if c.Text, _ = intended(word); c.Text == "" {
			c.out = "not a version"
			c.Typed = key + "=" + word
		}
		v.claims = append(v.claims, c)
	}
	return v
}

// numbered says that the word begins as a version does.
func numbered(word string) bool {
	word = strings.TrimLeft(word, "vV`\"'([")
	return word != "" && word[0] >= '0' && word[0] <= '9' && strings.Contains(word, ".")
}

// suggestion is what to type for the line.
func (v values) suggestion(key string) string {
	var lines []string
	for _, c := range v.claims {
		if c.Text != "" {
			lines = append(lines, key+"="+c.Text)
		}
	}
	switch {
	case len(lines) > 8:
		return "write each version in a line of its own, such as " + lines[0]
	case len(lines) > 0:
		return strings.Join(lines, "\n")
	case v.bad != "":
		return "write all of the version, such as " + key + "=v1.30.4, or leave the line out until it is known"
	}
	return key + "=vX.Y.Z"
}

// agree checks what the values say together, and takes what is said twice.
func (r *reader) agree() {
	var kept []claim
	at := map[[2]string]int{} // key and version: index in kept
	for _, c := range r.claims {
		if c.out != "" {
			kept = append(kept, c)
			continue
		}
		id := [2]string{c.key, c.Text}
		i, twice := at[id]
		if !twice {
			at[id] = len(kept)
			kept = append(kept, c)
			continue
		}
		r.problem(Problem{
			Line:       c.Line,
			Message:    fmt.Sprintf("%s=%s stands in line %d already", c.key, c.Text, kept[i].Line),
			Suggestion: "take one of the two away",
			Warning:    true,
		})
		if c.read && !kept[i].read {
			kept[i] = c
		}
	}
	r.claims = kept
	var resolved []*claim
	latest := map[string]claim{} // of what introduced it, by branch
	oldest := ""                 // branch that it was introduced on
	for i := range kept {
		c := &kept[i]
		switch {
		case c.out != "" || c.key == wontFix:
		case c.key == resolvedIn:
			resolved = append(resolved, c)
		default:
			minor := c.Minor()
			if was, found := latest[minor]; !found || semver.Compare(was.Text, c.Text) < 0 {
				latest[minor] = *c
			}
			if oldest == "" || semver.Compare(minor, oldest) < 0 {
				oldest = minor
			}
		}
	}
	slices.SortStableFunc(resolved, func(a, b *claim) int { return semver.Compare(a.Text, b.Text) })
	first := map[string]*claim{} // resolved-in of each branch
	for _, c := range resolved {
		minor := c.Minor()
		if in, found := latest[minor]; found && semver.Compare(c.Text, in.Text) < 0 {
			c.out = "older than introduced-in=" + in.Text
			r.problem(Problem{
				Line: c.Line,
				Message: fmt.Sprintf("resolved-in=%s is older than introduced-in=%s in line %d", c.Text, in.Text,
					in.Line),
				Suggestion: fmt.Sprintf("resolved-in is a release of %s that came out after %s: correct one of the two",
					minor, in.Text),
			})
			continue
		}
		if oldest != "" && semver.Compare(minor, oldest) < 0 {
			c.out = "older than the branch that introduced it, " + oldest
			r.problem(Problem{
				Line: c.Line,
				Message: fmt.Sprintf("resolved-in=%s is on a branch that is older than %s, where the issue was "+
					"introduced", c.Text, oldest),
				Suggestion: fmt.Sprintf("if %s was affected, add the introduced-in of that branch; else take this "+
					"line away", minor),
				Warning: true,
			})
			continue
		}
		if was := first[minor]; was != nil {
			c.out = "a second resolved-in on " + minor
			r.problem(Problem{
				Line: c.Line,
				Message: fmt.Sprintf("resolved-in=%s and resolved-in=%s in line %d are both on %s, and a branch "+
					"is resolved once", c.Text, was.Text, was.Line, minor),
				Suggestion: fmt.Sprintf("keep the first release that has the fix: resolved-in=%s", was.Text),
			})
			continue
		}
		first[minor] = c
	}
}

// show writes what somebody typed as inline code that cannot break out of it.
func show(text string) string {
	text = printable(text)
	if text == "" {
		return "(nothing)"
	}
	return "`" + strings.ReplaceAll(text, "`", "'") + "`"
}

// printable is a text in one line, not too long, without control characters and without what could end a comment.
func printable(text string) string {
	const longest = 80
	if len(text) > longest {
		text = strings.ToValidUTF8(text[:longest], "") + "…"
	}
	text = strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return ' '
		}
		return c
	}, text)
	return strings.Join(strings.Fields(text), " ")
}
