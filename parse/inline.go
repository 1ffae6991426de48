package parse

import "strings"

// longestTicks bounds the length of a code span's backticks; longer runs are text, as in GitHub's own parser.
const longestTicks = 80

// inline looks for code spans and HTML comments in the paragraph of the lines from to end, and marks the lines that
// begin inside one. It never searches twice for an end that is not there, so it is linear.
func (s *scanner) inline(from, end int) {
	if from >= end || s.lines[from].place == quote {
		return
	}
	last := &s.lines[end-1]
	base := s.lines[from].at
	text := s.body[base : last.at+len(last.text)]
	if strings.IndexByte(text, '`') < 0 && !strings.Contains(text, "<!--") {
		return
	}
	p := paragraph{lines: s.lines[from:end], base: base}
	var ticks ticks
	uncommented := !strings.Contains(text, "-->") // no comment ends behind here
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == '\\':
			i += 2
		case c == '`':
			n := run(text[i:], '`')
			if close := ticks.find(text, i+n, n); close >= 0 {
				p.mark(i, close+n, span)
				i = close
			}
			i += n
		case c == '<' && !uncommented && strings.HasPrefix(text[i:], "<!--"):
			close := strings.Index(text[i+2:], "-->")
			if close < 0 {
				uncommented = true
				i += 4
				break
			}
			p.mark(i, i+2+close+3, comment)
			i += 2 + close + 3
		default:
			i++
		}
	}
	p.uncomment()
}

// ticks remembers the runs of backticks that a search went past.
type ticks struct {
	last    [longestTicks + 1]int // where the last run of each length was seen
	scanned bool                  // a search has come to the end of the text
}

// find is the next run of exactly n backticks at or behind from, -1 for none.
func (t *ticks) find(text string, from, n int) int {
	if n > longestTicks || (t.scanned && t.last[n] < from) {
		return -1
	}
	for i := from; i < len(text); {
		j := strings.IndexByte(text[i:], '`')
		if j < 0 {
			break
		}
		i += j
		k := run(text[i:], '`')
		if k <= longestTicks {
			t.last[k] = i
		}
		if k == n {
			return i
		}
		i += k
	}
	t.scanned = true
	return -1
}

// paragraph gives its lines the places of the spans and comments in it, which come in order.
type paragraph struct {
	lines []line
	base  int      // where the paragraph begins in the body
	next  int      // the first line that is not wholly before what was marked
	cuts  [][2]int // the comments, as offsets in the body
}

func (p *paragraph) mark(from, to int, as place) {
	from, to = p.base+from, p.base+to
	if as == comment {
		p.cuts = append(p.cuts, [2]int{from, to})
	}
	for p.next < len(p.lines) && p.lines[p.next].at+len(p.lines[p.next].text) <= from {
		p.next++
	}
	for i := p.next; i < len(p.lines) && p.lines[i].at < to; i++ {
		p.next = i
		l := &p.lines[i]
		if from < l.at && l.place == prose && l.at+len(l.text)-len(strings.TrimLeft(l.text, " \t")) < to {
			l.place = as
		}
	}
}

// uncomment takes the comments out of what is seen of the lines.
func (p *paragraph) uncomment() {
	cuts := p.cuts
	for i := 0; i < len(p.lines) && len(cuts) > 0; i++ {
		l := &p.lines[i]
		end := l.at + len(l.text)
		if cuts[0][0] >= end {
			continue
		}
		var bare strings.Builder
		at := l.at
		for len(cuts) > 0 && cuts[0][0] < end {
			if cuts[0][0] > at {
				bare.WriteString(l.text[at-l.at : cuts[0][0]-l.at])
			}
			at = min(cuts[0][1], end)
			if cuts[0][1] > end {
				break // goes on in the next line
			}
			cuts = cuts[1:]
		}
		bare.WriteString(l.text[at-l.at:])
		l.bare = bare.String()
	}
}
