package main

import (
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"os"
)

type part struct {
	Type, Text string
}

// userData says which parts the user data of a node has; a NodeConfig is held against its definition.
func userData(arguments []string) (any, error) {
	file, err := os.Open(arguments[0])
	if err != nil {
		return nil, err
	}
	defer file.Close()
	message, err := mail.ReadMessage(file)
	if err != nil {
		return nil, err
	}
	_, parameters, err := mime.ParseMediaType(message.Header.Get("Content-Type"))
	if err != nil {
		return nil, err
	}
	found := []part{}
	for body := multipart.NewReader(message.Body, parameters["boundary"]); ; {
		one, err := body.NextPart()
		if err == io.EOF {
			return found, nil
		}
		if err != nil {
			return nil, err
		}
		read, err := partOf(one, arguments[1])
		if err != nil {
			return nil, err
		}
		found = append(found, read)
	}
}

func partOf(one *multipart.Part, definition string) (part, error) {
	kind, _, err := mime.ParseMediaType(one.Header.Get("Content-Type"))
	if err != nil {
		return part{}, err
	}
	text, err := io.ReadAll(io.LimitReader(one, 1<<20))
	if err != nil {
		return part{}, err
	}
	if kind == "application/node.eks.aws" {
		if _, err := resourceOf(text, definition); err != nil {
			return part{}, fmt.Errorf("%s: %w", kind, err)
		}
	}
	return part{Type: kind, Text: string(text)}, nil
}
