"""The company's own directory at WeCom, DingTalk or Feishu: who works here, where, and how they sign in."""
