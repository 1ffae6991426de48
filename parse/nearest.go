package parse

import "strings"

// Nearest is the known word that was probably meant: the one that begins with what was typed, else the one that is
// few enough slips away (one, or a third of the letters), else the one that what was typed begins with. Ties go to
// the first. Nothing near is no suggestion: a wrong one is worse than none.
func Nearest(word string, known []string) (string, bool) {
	const longest = 64 // no command is longer, and the work grows with the length
	word = strings.ToLower(word)
	if word == "" || len(word) > longest {
		return "", false
	}
	if len(word) >= 2 {
		for _, k := range known {
			if strings.HasPrefix(strings.ToLower(k), word) {
				return k, true
			}
		}
	}
	letters := []rune(word)
	best, limit := "", 1+max(1, len(letters)/3)
	for _, k := range known {
		other := []rune(strings.ToLower(k))
		if len(other) > 2*longest {
			continue
		}
		// A slip for every letter is no likeness.
		if d := slips(letters, other); d < limit && d < max(len(letters), len(other)) {
			best, limit = k, d
		}
	}
	if best != "" {
		return best, true
	}
	for _, k := range known {
		if len(k) >= 3 && strings.HasPrefix(word, strings.ToLower(k)) {
			return k, true
		}
	}
	return "", false
}

// slips counts the letters to be put in, left out, replaced or swapped with their neighbour (Damerau-Levenshtein,
// optimal string alignment).
func slips(a, b []rune) int {
	before, row, next := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			next[j] = min(row[j]+1, next[j-1]+1, row[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, row, next = row, next, before
	}
	return row[len(b)]
}
