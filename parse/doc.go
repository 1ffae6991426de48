// Package parse turns the Markdown of issues and comments into typed values: slash commands, ```release blocks, the
// sections of the patch-release template, the boxes and marks of Slipway's own texts.
//
// It is pure: no I/O, no clock, no GitHub types. It is linear in the input, hostile input too: one scanner (lines.go)
// goes over the text once and says of each line whether it is prose, code, quote or comment, and everything else
// reads its lines. The scanner is ours because a Markdown library tells no positions of comments, and those at hand
// are not linear.
package parse
