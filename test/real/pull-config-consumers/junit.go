package main

import (
	parser "github.com/joshdk/go-junit"
)

// junit says what a reader of JUnit reports finds in one.
func junit(arguments []string) (any, error) {
	return parser.IngestFile(arguments[0])
}
