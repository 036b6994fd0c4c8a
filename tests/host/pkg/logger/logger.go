// Package logger is the agent's log, less the levels whose signatures differ between the releases.
package logger

import "context"

// Debug logs keys and values.
func Debug(ctx context.Context, kvPairs ...interface{}) {}

// Debugf logs a formatted text.
func Debugf(ctx context.Context, format string, params ...interface{}) {}

// Info logs keys and values.
func Info(ctx context.Context, kvPairs ...interface{}) {}

// Infof logs a formatted text.
func Infof(ctx context.Context, format string, params ...interface{}) {}
