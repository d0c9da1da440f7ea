"""Tencent SMS."""
