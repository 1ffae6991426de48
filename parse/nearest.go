package parse

import "strings"

// Nearest is the known word that was probably meant: the one that begins with what was typed, else the one that is
// few enough slips away. Ties go to the first.
func Nearest(word string, known []string) (string, bool) {
	word = strings.ToLower(word)
	if len(word) == 0 || len(word) > 40 {
		return "", false
	}
	if len(word) >= 2 {
		for _, k := range known {
			if strings.HasPrefix(k, word) {
				return k, true
			}
		}
	}
	best, found := "", 1+max(1, len(word)/3)
	for _, k := range known {
		if d := slips(word, strings.ToLower(k)); d < found {
			best, found = k, d
		}
	}
	return best, best != ""
}

// slips counts the letters to be put in, left out, replaced or swapped with their neighbour (Damerau-Levenshtein,
// restricted).
func slips(a, b string) int {
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
