"""API objects: what clients see of each noun, one file per noun. JSON, GraphQL types and OpenAPI schemas derive from them.

An object is a function of its one noun and reads nothing else; related objects are ids until somebody asks to expand them.
"""
